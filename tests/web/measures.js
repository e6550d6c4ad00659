// SPDX-License-Identifier: Apache-2.0
// Measures a page as it is drawn; returns what is wrong with it, empty when nothing is.
(limits) => {
  const wrong = [];
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
  const hidden = (e) => e.closest(".hidden, .skip, option");
  const name = (e) => `<${e.tagName.toLowerCase()} class="${e.getAttribute("class") || ""}"> ${(e.textContent || e.value || "").trim().slice(0, 20)}`;
  const parts = (colour) => { const n = colour.match(/[\d.]+/g).map(Number); return { rgb: n.slice(0, 3), alpha: n.length > 3 ? n[3] : 1 }; };
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c.alpha === 1) return c.rgb; } return [255, 255, 255]; };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };

  for (const e of document.querySelectorAll("body *")) {
    if (!shown(e) || hidden(e)) continue;
    const style = getComputedStyle(e);
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || (e.matches("input:not([type=hidden],[type=checkbox],[type=radio]), textarea") && true);
    if (own) {
      const colour = e instanceof SVGElement ? style.fill : style.color;
      const ground = e.closest(".seal") ? parts(getComputedStyle(e.closest(".seal")).backgroundColor).rgb : behind(e);
      const ratio = contrast(parts(colour).rgb, ground);
      if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${name(e)}`);
      const size = parseFloat(style.fontSize);
      // a drawing with a viewBox is stretched, and one that is hidden from the ear is a shape, not a word
      if (!(e instanceof SVGElement) || !e.closest("svg[viewBox], [aria-hidden=true]")) {
        if (size < limits.text) wrong.push(`text of ${size}px: ${name(e)}`);
        const line = parseFloat(style.lineHeight);
        if (limits.leading && !(e instanceof SVGElement) && line / size < limits.leading - 0.01) wrong.push(`line height ${(line / size).toFixed(2)}: ${name(e)}`);
      }
    }
    const touched = e.matches("a[href], button, summary, select, textarea, label.choice, input:not([type=hidden],[type=checkbox],[type=radio])");
    if (touched && !(e.matches("a") && e.parentElement.matches("p.proof"))) {
      const { height, width } = e.getBoundingClientRect();
      if (height < limits.target - 0.5 || width < 24) wrong.push(`target ${Math.round(width)}×${Math.round(height)}: ${name(e)}`);
    }
    if (style.borderTopWidth !== "0px" && e.matches(".input, .button--quiet")) {
      const ratio = contrast(parts(style.borderTopColor).rgb, behind(e.parentElement));
      if (ratio < 3) wrong.push(`edge ${ratio.toFixed(2)}: ${name(e)}`);
    }
    if (e.matches("input:not([type=hidden]), select, textarea") && !e.labels.length) wrong.push(`no label: ${name(e)}`);
    if (e.matches("a, button, summary") && !(e.textContent.trim() || e.getAttribute("aria-label"))) wrong.push(`no name: ${name(e)}`);
    if (e.getAttribute("style")) wrong.push(`inline style: ${name(e)}`);
  }
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`page is ${root.scrollWidth} wide on ${root.clientWidth}`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => wrong.push(`id twice: ${id}`));
  for (const e of document.querySelectorAll("[aria-describedby], [for], a[href^='#']")) {
    const wanted = (e.getAttribute("aria-describedby") || e.getAttribute("for") || e.hash.slice(1)).split(" ").filter(Boolean);
    wanted.filter((id) => !document.getElementById(id)).forEach((id) => wrong.push(`points to nothing: ${id}`));
  }
  let level = 0;
  for (const e of document.querySelectorAll("h1, h2, h3, h4")) { const l = Number(e.tagName[1]); if (l > level + 1) wrong.push(`heading skips to h${l}: ${name(e)}`); level = l; }
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not exactly one h1");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not exactly one main");
  return wrong;
}
