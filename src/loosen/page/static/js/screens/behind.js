/* What lies behind the routine, for the curious: two pages to read, with their sources. */

import { h } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../words.js';

export function mount(root, app) {
  const body = h('div', { class: 'essays' });
  const home = h('button', { type: 'button', class: 'plain slim', onclick: () => app.goHome() }, t('home'));
  root.append(h('div', { class: 'page behind' }, h('header', { class: 'head' }, h('h1', { tabindex: '-1' }, t('behind')), home), body));
  fetch('/behind.json').then((answer) => answer.json()).then((pages) => body.replaceChildren(...pages.map(essay)))
    .catch(() => body.replaceChildren(h('p', { class: 'notice', role: 'status' }, icon('note'), h('span', {}, t('no_history')))));
  return { update() {}, press: (name) => name === 'finish' && (app.goHome(), true) };
}

function essay(page) {
  return h('article', { id: `behind-${page.id}` },
    h('h2', {}, page.title),
    page.paragraphs.map((text) => h('p', {}, text)),
    h('h3', {}, t('behind_sources')),
    h('ol', { class: 'sources' }, page.sources.map((text) => h('li', {}, text))));
}
