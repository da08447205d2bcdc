"""The project's own components: one folder each, with its Python, JavaScript, CSS and HTML template side by side."""

from genmodels.ui.components.animation import Animation
from genmodels.ui.components.attribute_sliders import AttributeSliders
from genmodels.ui.components.belief_board import BeliefBoard
from genmodels.ui.components.classifiers import Classifiers
from genmodels.ui.components.code_boards import CodeBoards
from genmodels.ui.components.comparison import Comparison
from genmodels.ui.components.convolution_figure import ConvolutionFigure
from genmodels.ui.components.description import Description
from genmodels.ui.components.example_strip import ExampleStrip
from genmodels.ui.components.few_label_results import FewLabelResults
from genmodels.ui.components.image_grid import ImageGrid
from genmodels.ui.components.ink_switch import InkSwitch
from genmodels.ui.components.language_switch import LanguageSwitch
from genmodels.ui.components.latent_explorer import LatentExplorer
from genmodels.ui.components.learning_curves import LearningCurves
from genmodels.ui.components.likeness_divider import LikenessDivider
from genmodels.ui.components.live_slider import LiveSlider
from genmodels.ui.components.live_training import LiveTraining
from genmodels.ui.components.mesh_explorer import MeshExplorer
from genmodels.ui.components.mixture_posterior import MixturePosterior
from genmodels.ui.components.mode_cubes import ModeCubes
from genmodels.ui.components.model_radio import ModelRadio
from genmodels.ui.components.noise_board import NoiseBoard
from genmodels.ui.components.number_slider import NumberSlider
from genmodels.ui.components.opening import Opening
from genmodels.ui.components.pen_preview import PenPreview
from genmodels.ui.components.pixel_board import PixelBoard
from genmodels.ui.components.posterior_map import PosteriorMap
from genmodels.ui.components.quiz_board import QuizBoard
from genmodels.ui.components.select import Select, select_value
from genmodels.ui.components.share import Share
from genmodels.ui.components.sketchpad import Sketchpad
from genmodels.ui.components.state_value import StateValue
from genmodels.ui.components.text_field import TextField
from genmodels.ui.components.time_machine import TimeMachine

__all__ = [
    "Animation",
    "AttributeSliders",
    "BeliefBoard",
    "Classifiers",
    "CodeBoards",
    "Comparison",
    "ConvolutionFigure",
    "Description",
    "ExampleStrip",
    "FewLabelResults",
    "ImageGrid",
    "InkSwitch",
    "LanguageSwitch",
    "LatentExplorer",
    "LearningCurves",
    "LikenessDivider",
    "LiveSlider",
    "LiveTraining",
    "MeshExplorer",
    "MixturePosterior",
    "ModeCubes",
    "ModelRadio",
    "NoiseBoard",
    "NumberSlider",
    "Opening",
    "PenPreview",
    "PixelBoard",
    "PosteriorMap",
    "QuizBoard",
    "Select",
    "Share",
    "Sketchpad",
    "StateValue",
    "TextField",
    "TimeMachine",
    "select_value",
]
