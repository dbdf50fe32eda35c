/* One repetition's signal as a picture. What is drawn, and where, comes from the server. */

import { svg } from './dom.js';

export function repChart(chart) {
  const picture = svg('svg', { viewBox: `0 0 ${chart.width} ${chart.height}`, class: 'chart', role: 'img', 'aria-label': chart.alt });
  const box = (kind, [x, y, width, height]) => picture.append(svg('rect', { class: kind, x, y, width, height }));
  box('full-range', chart.band);
  if (chart.stop) box('stop', chart.stop);
  for (const { kind, points } of chart.lines) picture.append(svg('polyline', { class: kind, points: points.join(' ') }));
  for (const { text, x, y, anchor } of chart.labels) picture.append(svg('text', { x, y, 'text-anchor': anchor }, text));
  return picture;
}
