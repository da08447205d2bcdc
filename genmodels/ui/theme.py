"""How the page looks: one accent, system fonts (nothing is fetched), light and dark."""

from __future__ import annotations

import gradio as gr

FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "monospace"]


# Gradio's sizes by the page's type scale, which CSS defines and a presentation may enlarge.
SCALE = gr.themes.Size(name="gm", **dict.fromkeys(("xxs", "xs", "sm"), "var(--gm-small)"), md="var(--gm-text)",
                       lg="var(--gm-lead)", **dict.fromkeys(("xl", "xxl"), "var(--gm-title)"))


def theme() -> gr.themes.Base:
    """The theme; its fonts are names of installed ones."""
    return gr.themes.Base(
        primary_hue="indigo", neutral_hue="slate", font=FONT, font_mono=MONO, radius_size="md", spacing_size="md",
        text_size=SCALE,
    ).set(
        button_primary_background_fill="#4f46e5", button_primary_background_fill_hover="#4338ca",
        button_primary_text_color="#ffffff", button_primary_background_fill_dark="#4f46e5",
        button_primary_background_fill_hover_dark="#4338ca",
        block_border_width="0px", block_shadow="none", block_background_fill="transparent",
        block_background_fill_dark="transparent", block_padding="0px", layout_gap="12px",
        border_color_primary="#cbd5e1", border_color_primary_dark="#334155", form_gap_width="14px",
        body_text_color_subdued="#475569", body_text_color_subdued_dark="#a8b3c7",
        block_title_text_color="#1e293b", block_title_text_color_dark="#e2e8f0",
        block_info_text_color="#64748b", block_info_text_color_dark="#94a3b8",
        block_title_text_size="var(--gm-small)", block_info_text_size="var(--gm-small)",
        input_background_fill="#ffffff", input_background_fill_dark="#0f172a", input_border_width="1px",
        button_secondary_background_fill="#f1f5f9", button_secondary_background_fill_hover="#e2e8f0",
        button_secondary_background_fill_dark="#1e293b", button_secondary_background_fill_hover_dark="#334155",
        button_large_text_size="var(--gm-small)", button_large_text_weight="500", button_large_padding="8px 14px",
    )


CSS = """
:root { --gm-accent: #4f46e5; --gm-accent-soft: #a5b4fc; --gm-wrong: #b91c1c; --gm-right: #15803d;
  --gm-tick: 12px; --gm-small: 14px; --gm-text: 16px; --gm-lead: 18px; --gm-title: 24px;
  /* The height that pictures may take where header, tabs and models are to be seen as well. */
  --gm-tall: clamp(280px, 100dvh - 250px, 560px);
  /* Tiles of ink are light on dark, with an edge where the page is dark too; see also the ink switch. */
  --gm-tile: #000; --gm-edge: transparent; --gm-ink: none; }
.dark { --gm-accent: #818cf8; --gm-accent-soft: #4f46e5; --gm-wrong: #fca5a5; --gm-right: #86efac; --gm-edge: #3b4a61; }
@media (max-width: 700px) { :root { --gm-title: 15px; --gm-lead: 16px; --gm-text: 15px; } }
.gradio-container { max-width: 1200px !important; width: 100% !important; margin: 0 auto !important; }
.gradio-container .app, .gradio-container .main { padding-top: 8px !important; }
.gm-visually-hidden { position: absolute !important; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }

/* The header and two rows of tabs, which are low so that an activity fits below them. */
.contain > .column { gap: 0 !important; }
#gm-tools { position: absolute; top: 0; right: 0; width: auto; z-index: 2; gap: 8px; flex-wrap: nowrap;
  align-items: center; }
#gm-tools > * { width: auto; min-width: 0 !important; flex: none; }
.gm-head h1 { font-size: var(--gm-title); line-height: 30px; font-weight: 650; margin: 0; letter-spacing: -.01em;
  color: var(--body-text-color); }
.gradio-container .tabs .tab-wrapper { height: 34px; padding: 0; margin: 0; }
.gradio-container .tabs .tab-container { height: 34px; }
.gradio-container .tab-container button { font-size: var(--gm-text); padding: 0 14px; }
.gradio-container .tab-container button.selected { color: var(--gm-accent) !important; }
.gradio-container .tabitem { padding: 0; }
.gradio-container .tabitem[id^=gm-tab-] { padding-top: 8px; }
/* Tabs that do not fit are scrolled to. gradio would move them into a menu that is no list of tabs; it measures hidden
   copies of them, which here take no room. */
.tab-container.visually-hidden button { width: 0 !important; padding: 0 !important; font-size: 0 !important; }
.tab-container[role=tablist] { overflow-x: auto !important; scrollbar-width: none; flex-wrap: nowrap; }
.tab-container[role=tablist] button { flex-shrink: 0; }
.gradio-container .form { background: transparent; border: 0; box-shadow: none; }
.gm-intro p { color: var(--body-text-color-subdued); max-width: 120ch; margin: 0; font-size: var(--gm-text) !important;
  line-height: 1.4; }
.gm-intro h2:not(.gm-visually-hidden) { font-size: var(--gm-lead); font-weight: 600; margin: 8px 0 2px;
  color: var(--body-text-color); }
.gm-notice { display: flex; gap: 8px; align-items: center; padding: 8px 12px; border-radius: 8px;
  background: var(--gm-accent-soft); color: #0f172a !important; }
.dark .gm-notice { color: #f8fafc !important; }
.gm-notice button { margin-left: auto; font-size: var(--gm-lead); line-height: 1; padding: 4px 8px; cursor: pointer; }

/* What the server words. */
.gm-pixelated { image-rendering: pixelated; border-radius: 6px; background: #000; display: block; }
.gm-empty { display: block; aspect-ratio: 1; border-radius: 6px; border: 1px dashed var(--border-color-primary); }
.gm-panel { display: flex; gap: 16px; flex-wrap: wrap; align-items: flex-start; }
.gm-panel figure { margin: 0; }
.gm-panel figcaption { font-size: var(--gm-small); line-height: 1.35; color: var(--body-text-color-subdued);
  margin-top: 4px; width: 0; min-width: 100%; }
.gm-panel dl { display: grid; grid-template-columns: auto auto; gap: 4px 16px; margin: 0; font-size: var(--gm-small);
  line-height: 1.4; align-content: start; }
.gm-panel dt { color: var(--body-text-color-subdued); }
.gm-panel dd { margin: 0; font-variant-numeric: tabular-nums; }
.gm-note { font-size: var(--gm-small); line-height: 1.4; color: var(--body-text-color-subdued); }
.gm-note + .gm-button { margin-top: 8px; }
.gm-note a { color: var(--gm-accent); text-decoration: underline; text-underline-offset: 2px; }

/* The activities: settings beside the pictures; on a phone what changes stands right above what changes it. */
.gradio-container .gm-layout { display: grid; gap: 12px 24px; align-items: start; }
.gradio-container .gm-layout > .column { min-width: 0 !important; width: 100%; }
.gm-sample { grid-template-columns: minmax(210px, 5fr) minmax(0, 10fr) minmax(180px, 4fr); }
.gm-write { grid-template-columns: minmax(240px, 1fr) minmax(0, 2.2fr); }
.gm-reconstruct { grid-template-columns: 300px minmax(0, 1fr); }

.gm-closer { min-height: min(520px, 67vh); display: grid; gap: 10px; align-content: start; }
.gm-closer :is(.gm-pixelated, .gm-empty) { width: min(100%, 17vh); height: auto; }
.gm-closer dl { display: block; }
.gm-closer :is(dt, dd) { display: inline; }
.gm-closer dt::after { content: ' '; }
.gm-closer dd::after { content: '\\A'; white-space: pre; }  /* a line for each */
.gm-closer .gm-toolbar { order: 9; margin: 0; gap: 6px; }
.gm-closer .gm-toolbar .gm-button { padding: 2px 10px; min-height: 32px; }
#gm-styles { --gm-tall: clamp(220px, 100dvh - 320px, 560px); --gm-wide: 100%; }

.gm-results { flex-wrap: nowrap; }
.gm-results figure { flex: 1 1 0; min-width: 0; max-width: 200px; }
.gm-results .gm-pixelated { width: 100%; height: auto; max-height: 280px; object-fit: contain; }
.gm-metrics { margin: 12px 0; }
.gm-comparison { display: grid; grid-template-columns: repeat(auto-fit, minmax(96px, 1fr)); gap: 16px 12px; }
.gm-comparison section { min-width: 0; max-width: 160px; padding: 4px; border-radius: 8px; }
.gm-comparison .gm-chosen { background: color-mix(in srgb, var(--gm-accent) 14%, transparent); }
.gm-comparison h3 { font-size: var(--gm-small); line-height: 1.25; min-height: 2.5em; margin: 0; font-weight: 600; }
.gm-comparison .gm-pixelated { width: 100%; height: auto; margin-bottom: 6px; }
.gm-comparison p { font-size: var(--gm-small); line-height: 1.3; margin: 0; font-variant-numeric: tabular-nums; }
.gm-choices { gap: 12px !important; flex-wrap: nowrap; max-width: 560px; }
.gm-posterior-samples { gap: 8px !important; margin-top: 6px; }

/* The lesson: its list, and what its scenes show in its own tab. */
[data-stage] { display: none !important; }
html:not([data-story]) [data-stage=""], html[data-story=convolution] [data-stage=convolution],
html[data-story=sources] [data-stage=sources] { display: grid !important; }
.gm-lesson-list { columns: 3 290px; margin: 12px 0; padding: 0; list-style: none; counter-reset: scene; }
.gm-lesson-list li { break-inside: avoid; margin: 0 !important; }
.gm-lesson-list button::before { counter-increment: scene; content: counter(scene); display: inline-block; width: 1.8em;
  text-indent: 0; color: var(--body-text-color-subdued); }
.gradio-container .gm-lesson-list button { font: inherit; font-size: var(--gm-lead); line-height: 1.3;
  padding: 7px 8px 7px calc(8px + 1.8em); text-indent: -1.8em; border-radius: 8px; cursor: pointer; text-align: left;
  width: 100%; color: var(--body-text-color); }
.gm-lesson-list small { display: block; text-indent: 0; font-size: var(--gm-small);
  color: var(--body-text-color-subdued); }
.gm-lesson-list button:hover { background: var(--button-secondary-background-fill-hover); }
.gm-lesson-list button:focus-visible { outline: 3px solid var(--gm-accent); outline-offset: 1px; }
.gradio-container .gm-button.gm-lesson-begin, .gm-button.gm-lesson-begin:hover:not(:disabled) { color: #fff;
  background: #4f46e5; border-color: transparent; }
.gm-lesson-sources { columns: 2 260px; margin: 0; padding: 0; list-style: none; font-size: var(--gm-lead);
  line-height: 1.7; }
.gm-lesson-sources a { color: var(--gm-accent); text-decoration: underline; text-underline-offset: 3px; }

@media (max-width: 700px) {
  #gm-tools { gap: 2px; }
  .gm-head h1 { font-size: clamp(13px, 3.7vw, 18px); padding-right: 116px; white-space: nowrap; overflow: hidden;
    text-overflow: ellipsis; }
  .gradio-container .app, .gradio-container .main { padding: 8px 16px !important; }
  .gradio-container .tab-container button { padding: 0 8px; }
  .gm-intro p { font-size: var(--gm-small) !important; }
  .gradio-container .gm-layout { display: flex; flex-direction: column; align-items: stretch; flex-wrap: nowrap; }
  .gm-about { order: 9; }
  .gm-sample > :nth-child(3) { order: -2; }
  .gm-sample > :nth-child(2) { order: -1; }
  .gm-closer { min-height: 212px; grid-template-columns: 104px minmax(0, 1fr) 104px; }
  .gm-closer :is(.gm-pixelated, .gm-empty) { width: 100%; }
  .gm-closer .gm-toolbar { grid-column: 1 / -1; }
  .gm-closer figcaption { font-size: var(--gm-tick); }
  .gm-write > .column { display: contents; }
  .gm-write #gm-number { order: -2; }
  .gm-write #gm-written { order: -1; }
  /* Sketchpad and result give their parts to one column, in which results stand above the hand that draws. */
  .gm-reconstruct :is(.column, .block, .html-container, .html-container > div, .gm-sketchpad, .gm-result) {
    display: contents; }
  .gm-reconstruct .gm-results { order: -3; gap: 12px; width: 100%; min-height: 176px; }
  .gm-reconstruct .gm-results figcaption { font-size: 12px; }
  .gm-reconstruct .gm-comparison { order: -3; width: 100%; grid-auto-flow: column; grid-template-columns: none;
    grid-auto-columns: 104px; overflow-x: auto; }
  .gm-reconstruct .gm-canvas { order: -2; }
  .gm-reconstruct :is(.gm-toolbar, .gm-hint, .gm-prompt, .gm-sketchpad .gm-error) { order: -1; margin: 0; }
  .gm-reconstruct .gm-about .gm-note { order: 9; }
}
@media (max-width: 640px) { footer .divider:first-of-type { display: none !important; } }  /* nothing is before it */
.dark .gm-option input:checked + span { color: #0f172a; }
"""
