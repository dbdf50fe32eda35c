/* Pictures of charts, which the server draws; they follow the theme. */

import { h } from './dom.js';
import { isDark } from './theme-now.js';

const address = (path) => `${path}${path.includes('?') ? '&' : '?'}theme=${isDark() ? 'dark' : 'light'}`;

export class Charts {
  constructor() { this.clear(); }

  clear() { this.pictures = []; }

  /* `shape`: height for width, so that its place is kept until it is there. */
  picture(path, alt, shape) {
    const image = h('img', { class: 'drawn', src: address(path), alt, width: 1000, height: Math.round(1000 * shape), decoding: 'async' });
    this.pictures.push([image, path]);
    return image;
  }

  /* Draw anew in the colours of now. */
  repaint() {
    this.pictures = this.pictures.filter(([image]) => image.isConnected);
    for (const [image, path] of this.pictures) image.src = address(path);
  }
}
