"""How the page looks: one accent, system fonts (nothing is fetched), light and dark."""

from __future__ import annotations

import gradio as gr

FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "monospace"]


def theme() -> gr.themes.Base:
    """The theme; its fonts are names of installed ones."""
    return gr.themes.Base(
        primary_hue="indigo", neutral_hue="slate", font=FONT, font_mono=MONO, radius_size="md", spacing_size="md",
    ).set(
        button_primary_background_fill="#4f46e5", button_primary_background_fill_hover="#4338ca",
        button_primary_text_color="#ffffff", button_primary_background_fill_dark="#6366f1",
        block_border_width="0px", block_shadow="none", block_background_fill="transparent",
        block_background_fill_dark="transparent", block_padding="0px", layout_gap="16px",
        border_color_primary="#cbd5e1", border_color_primary_dark="#334155", form_gap_width="14px",
        body_text_color_subdued="#475569", body_text_color_subdued_dark="#a8b3c7",
        block_title_text_color="#1e293b", block_title_text_color_dark="#e2e8f0",
        block_info_text_color="#64748b", block_info_text_color_dark="#94a3b8", block_info_text_size="12px",
        input_background_fill="#ffffff", input_background_fill_dark="#0f172a", input_border_width="1px",
        button_secondary_background_fill="#f1f5f9", button_secondary_background_fill_hover="#e2e8f0",
        button_secondary_background_fill_dark="#1e293b", button_secondary_background_fill_hover_dark="#334155",
        button_large_text_size="14px", button_large_text_weight="500", button_large_padding="8px 14px",
    )


CSS = """
:root { --gm-accent: #4f46e5; --gm-accent-soft: #a5b4fc; --gm-wrong: #b91c1c; }
.dark { --gm-accent: #818cf8; --gm-accent-soft: #4f46e5; --gm-wrong: #fca5a5; }
.gradio-container { max-width: 1200px !important; width: 100% !important; margin: 0 auto !important; }
/* Tabs that do not fit are scrolled to. gradio would move them into a menu that is no list of tabs; it measures hidden
   copies of them, which here take no room. */
.tab-container.visually-hidden button { width: 0 !important; padding: 0 !important; font-size: 0 !important; }
.tab-container[role=tablist] { overflow-x: auto !important; scrollbar-width: none; flex-wrap: nowrap; }
.tab-container[role=tablist] button { flex-shrink: 0; }
.gradio-container .tab-container button.selected { color: var(--gm-accent) !important; }
.gradio-container .form { background: transparent; border: 0; box-shadow: none; }
.gm-head h1 { font-size: clamp(18px, 5vw, 22px); font-weight: 650; margin: 0; letter-spacing: -.01em;
  color: var(--body-text-color); }
.gm-head p, .gm-intro p { color: var(--body-text-color-subdued); max-width: 120ch; margin: 0;
  font-size: 14px !important; line-height: 1.5; }
.gm-intro h2 { font-size: 16px; font-weight: 600; margin: 8px 0 2px; color: var(--body-text-color); }
#gm-tools { position: absolute; top: 0; right: 0; width: auto; z-index: 2; gap: 8px; align-items: center; }
#gm-tools > * { min-width: 0; width: auto; flex: none; }
.gm-notice { display: flex; gap: 8px; align-items: center; padding: 8px 12px; border-radius: 8px;
  background: var(--gm-accent-soft); color: #0f172a !important; }
.dark .gm-notice { color: #f8fafc !important; }
.gm-notice button { margin-left: auto; font-size: 20px; line-height: 1; padding: 4px 8px; cursor: pointer; }
.gm-panel.gm-column dl { grid-template-columns: 1fr; gap: 0; }
.gm-panel.gm-column dd { margin-bottom: 8px; }
.gm-column { flex-direction: column; gap: 12px !important; }
.gm-metrics { margin: 16px 0; }
.gm-posterior-samples { gap: 8px !important; margin-top: 8px; }
.gm-pixelated { image-rendering: pixelated; border-radius: 6px; background: #000; display: block; }
.gm-panel { display: flex; gap: 16px; flex-wrap: wrap; align-items: flex-start; }
.gm-panel figure { margin: 0; }
.gm-panel figcaption { font-size: 13px; color: var(--body-text-color-subdued); margin-top: 4px;
  width: 0; min-width: 100%; }
.gm-panel dl { display: grid; grid-template-columns: auto auto; gap: 4px 16px; margin: 0; font-size: 14px;
  align-content: start; }
.gm-panel dt { color: var(--body-text-color-subdued); }
.gm-panel dd { margin: 0; font-variant-numeric: tabular-nums; }
.gm-note { font-size: 14px; color: var(--body-text-color-subdued); }
.gm-note a { color: var(--gm-accent); text-decoration: underline; text-underline-offset: 2px; }
@media (max-width: 700px) {
  .gm-head p { display: none; }
  .gm-head h1 { font-size: 17px; padding-right: 150px; }  /* the tools beside it */
  .gm-narrow-first { order: -1; }
  .gradio-container .app, .gradio-container .main { padding: 12px 16px !important; }
  .gradio-container .tab-container button { padding: 0 8px; font-size: 14px; }
}
.dark .gm-option input:checked + span { color: #0f172a; }
"""
