"""Bodies that models of meshes generate, side by side, and what moves them."""

from genmodels.ui.components.mesh_explorer.mesh_explorer import MeshExplorer

__all__ = ["MeshExplorer"]
