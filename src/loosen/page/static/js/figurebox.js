/* A figure in its box, described in words for those who do not see it. */

import { h } from './dom.js';
import { Figure } from './figure.js';
import { t } from './words.js';

const alive = new Set();

export function figureBox({ title = '', ghost = true, floor = true } = {}) {
  const canvas = h('canvas', { role: 'img', 'aria-label': t('figure_alt', { title }) });
  const figure = new Figure(canvas, { ghost, floor });
  alive.add(figure);
  return {
    element: h('div', { class: 'figure empty' }, canvas),
    figure,
    name(text) { canvas.setAttribute('aria-label', t('figure_alt', { title: text })); },
    close() {
      figure.close();
      alive.delete(figure);
    },
  };
}

/* After a change of theme. */
export const repaintFigures = () => alive.forEach((figure) => figure.repaint());
