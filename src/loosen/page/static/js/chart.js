/* One repetition's signal as a picture: the line, where the stop lay, the target. */

import { svg } from './dom.js';
import { t } from './words.js';

const W = 250, H = 112, LEFT = 4, RIGHT = 4, TOP = 22, BOTTOM = 18;

export function traceChart(trace, { title }) {
  const points = trace.t_ms.map((ms, i) => [ms / 1000, trace.thousandths[i] / 1000]);
  const t0 = points[0][0], t1 = points[points.length - 1][0];
  const values = points.map((p) => p[1]).concat(trace.target, 0);
  const low = Math.min(...values), high = Math.max(...values), room = (high - low || 1) * 0.06;
  const x = (s) => LEFT + ((s - t0) / (t1 - t0 || 1)) * (W - LEFT - RIGHT);
  const y = (v) => TOP + (1 - (v - low + room) / (high - low + 2 * room || 1)) * (H - TOP - BOTTOM);
  const chart = svg('svg', { viewBox: `0 0 ${W} ${H}`, class: 'chart', role: 'img', 'aria-label': describe(trace, title) });
  chart.append(svg('line', { class: 'axis', x1: LEFT, x2: W - RIGHT, y1: y(low), y2: y(low) }));
  if (trace.stop_s) {
    const [a, b] = trace.stop_s, middle = Math.min(W - 36, Math.max(36, (x(a) + x(b)) / 2));
    chart.append(svg('rect', { class: 'stop', x: x(a), y: TOP - 4, width: Math.max(2, x(b) - x(a)), height: y(low) - TOP + 4 }));
    chart.append(label(middle, 12, t('chart_stop', { s: (b - a).toFixed(1) }), 'middle', 'strong'));
  }
  chart.append(svg('line', { class: 'target', x1: LEFT, x2: W - RIGHT, y1: y(trace.target), y2: y(trace.target) }));
  chart.append(label(LEFT, y(trace.target) - 4, t('chart_target', { value: nice(trace.target, trace.unit), unit: trace.unit === 'deg' ? '°' : '' }), 'start'));
  chart.append(svg('polyline', { class: 'signal', points: points.map(([s, v]) => `${x(s).toFixed(1)},${y(v).toFixed(1)}`).join(' ') }));
  chart.append(label(LEFT, H - 4, t('chart_start'), 'start'), label(W - RIGHT, H - 4, t('chart_seconds', { s: (t1 - t0).toFixed(1) }), 'end'));
  return chart;
}

/* Camera degrees are shown to the nearest 5: finer would be more than is known. */
function nice(value, unit) {
  return unit === 'deg' || unit === '°' ? Math.round(value / 5) * 5 : Math.round(value * 100) / 100;
}

const unitSign = (unit) => (unit === 'deg' || unit === '°' ? '°' : ` ${unit}`);

function label(x, y, text, anchor, extra = '') {
  const element = svg('text', { x, y, 'text-anchor': anchor, class: extra });
  element.textContent = text;
  return element;
}

function describe(trace, title) {
  const peak = Math.max(...trace.thousandths) / 1000;
  const said = t('chart_said', { title, peak: nice(peak, trace.unit), unit: unitSign(trace.unit) });
  return trace.stop_s ? `${said} ${t('chart_said_stop', { s: (trace.stop_s[1] - trace.stop_s[0]).toFixed(1) })}` : said;
}
