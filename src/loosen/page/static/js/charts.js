/* Charts: one repetition's signal, and pictures of charts. What they show, and where, comes from the server. */

import { h, isDark, svg } from './dom.js';

/* The signal of one repetition. */
export function repChart(chart) {
  const picture = svg('svg', { viewBox: `0 0 ${chart.width} ${chart.height}`, class: 'chart', role: 'img', 'aria-label': chart.alt });
  const box = (kind, [x, y, width, height]) => picture.append(svg('rect', { class: kind, x, y, width, height }));
  box('full-range', chart.band);
  if (chart.stop) box('stop', chart.stop);
  for (const { kind, points } of chart.lines) picture.append(svg('polyline', { class: kind, points: points.join(' ') }));
  for (const { text, x, y, anchor } of chart.labels) picture.append(svg('text', { x, y, 'text-anchor': anchor }, text));
  return picture;
}

const address = (path) => `${path}${path.includes('?') ? '&' : '?'}theme=${isDark() ? 'dark' : 'light'}`;

/* Charts as pictures from the server; they follow the theme. */
export class Charts {
  constructor() { this.clear(); }

  clear() { this.pictures = []; }

  /* `shape`: height for width, so that its place is kept while it loads. */
  picture(path, alt, shape) {
    const image = h('img', { class: 'drawn', src: address(path), alt, width: 1000, height: Math.round(1000 * shape), decoding: 'async' });
    this.pictures.push([image, path]);
    return image;
  }

  /* Load all pictures anew after a change of theme. */
  repaint() {
    this.pictures = this.pictures.filter(([image]) => image.isConnected);
    for (const [image, path] of this.pictures) image.src = address(path);
  }
}
