/* The icons and the logo: strokes on a grid of 24. */
import { svg } from './dom.js';

const SHAPES = {
  pause: ['M9 5v14', 'M15 5v14'],
  play: ['M8 5.5v13l10.5-6.5z'],
  skip: ['M5 6l8 6-8 6z', 'M18 5.5v13'],
  back: ['M19 6l-8 6 8 6z', 'M6 5.5v13'],
  hurts: ['M8.6 3h6.8L21 8.6v6.8L15.4 21H8.6L3 15.4V8.6z', 'M12 7.5v5.5', 'M12 16.4v.1'],
  leftOut: ['M12 3.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17z', 'M8 12h8'],
  safety: ['M12 3l7.5 2.8v5.7c0 4.4-3 7.9-7.5 9.5-4.5-1.6-7.5-5.1-7.5-9.5V5.8z', 'M12 8.2v7.2', 'M8.4 11.8h7.2'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  chair: ['M7 3.5v10', 'M7 13.5h9.5v7', 'M7 13.5v7'],
  up: ['M12 20V5', 'M5.5 11.5L12 5l6.5 6.5'],
  check: ['M5 12.5l4.6 4.7L19 7.5'],
  sound: ['M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z', 'M15.5 9a4.2 4.2 0 010 6', 'M18 6.5a8 8 0 010 11'],
  silent: ['M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z', 'M16 9.5l5 5', 'M21 9.5l-5 5'],
  camera: ['M3.5 7h11.5v10H3.5z', 'M15 11l5.5-3v8L15 13'],
  cameraOff: ['M3.5 7H13', 'M15 11l5.5-3v8L15 13v4H6', 'M4 4l16 16'],
  key: ['M6 4h12a2 2 0 012 2v12a2 2 0 01-2 2H6a2 2 0 01-2-2V6a2 2 0 012-2z', 'M9.5 8.5v7', 'M14.5 8.5v7', 'M9.5 12h5'],
  keyOff: ['M8 4h10a2 2 0 012 2v10', 'M4 8v10a2 2 0 002 2h10', 'M4 4l16 16'],
  sun: ['M12 8a4 4 0 100 8 4 4 0 000-8z', 'M12 2.5v2', 'M12 19.5v2', 'M2.5 12h2', 'M19.5 12h2', 'M5.3 5.3l1.4 1.4', 'M17.3 17.3l1.4 1.4', 'M5.3 18.7l1.4-1.4', 'M17.3 6.7l1.4-1.4'],
  moon: ['M19.5 14.5A8 8 0 019.5 4.5a8 8 0 1010 10z'],
  note: ['M12 4l9 16H3z', 'M12 10v4.5', 'M12 17.2v.1'],
  left: ['M15 5l-7 7 7 7'],
  right: ['M9 5l7 7-7 7'],
  speech: ['M4 5h16v11h-9l-4.5 4v-4H4z'],
};

export function icon(name) {
  const element = svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' });
  for (const d of SHAPES[name]) element.append(svg('path', { d }));
  return element;
}

/* The logo: a head and a back that bends. */
export function mark() {
  return svg('svg', { viewBox: '0 0 32 32', class: 'mark', 'aria-hidden': 'true' },
    svg('circle', { cx: 8.6, cy: 7, r: 4.1 }), svg('path', { d: 'M11.5 13.6C19.5 16 22 20 19.2 27.6' }));
}
