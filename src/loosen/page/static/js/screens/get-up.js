/* The get-up offer after a session: a question with yes and no. */

import { h } from '../dom.js';
import { t } from '../words.js';

/* Buttons for the answers that the stage lists. */
export function choices(stage, app) {
  const can = (name) => stage.keys.includes(name), buttons = [];
  if (can('yes')) buttons.push(h('button', { type: 'button', class: 'primary', onclick: () => app.command('yes') }, t('yes'), h('kbd', { 'aria-hidden': 'true' }, t('key_enter'))));
  if (can('no')) buttons.push(h('button', { type: 'button', class: 'plain', onclick: () => app.command('no') }, t('no')));
  if (!can('yes') && can('continue')) buttons.push(h('button', { type: 'button', class: 'primary', onclick: () => app.command('continue') }, t('go_on'), h('kbd', { 'aria-hidden': 'true' }, t('key_enter'))));
  return buttons;
}

export function mount(root, app) {
  const { stage } = app;
  root.append(h('div', { class: 'page question standing' },
    h('h1', { tabindex: '-1' }, stage.title),
    stage.lines.map((line) => h('p', { class: 'lead' }, line)),
    h('div', { class: 'row' }, choices(stage, app))));
  return { update() {}, press: (name) => name === 'continue' && (app.command('yes') || app.command('continue')) };
}
