/* Looking back: the weeks, what changed, each movement, the dose and the plan. All sentences come from the server. */

import { h } from '../dom.js';
import { icon } from '../icons.js';
import { Charts } from '../charts.js';
import { doseCard, hindranceCard, planCard, stepCard } from '../choices.js';
import { t, weekday } from '../words.js';

const SHOWN = 5; // sessions in the list before the rest is asked for

export function mount(root, app) {
  const charts = new Charts(), body = h('div', { class: 'looking' });
  const title = h('p', { class: 'lead' }), moves = h('div', { class: 'row when' });
  const behind = h('button', { type: 'button', class: 'plain slim', onclick: () => app.showBehind() }, t('behind'));
  const home = h('button', { type: 'button', class: 'plain slim', onclick: () => app.goHome() }, t('home'));
  root.append(h('div', { class: 'page history' },
    h('header', { class: 'head' }, h('div', {}, h('h1', { tabindex: '-1' }, t('history')), title), h('div', { class: 'row' }, behind, home)),
    app.facts.made_up ? h('p', { class: 'notice' }, icon('note'), h('span', {}, t('made_up'))) : null,
    moves, body));
  const place = app.period;
  let all = false;

  const go = (change) => {
    Object.assign(place, change);
    load();
  };

  async function load() {
    const query = new URLSearchParams({ weeks: place.weeks, ...(place.until ? { until: place.until } : {}) });
    const answer = await fetch(`/history.json?${query}`).catch(() => null);
    const told = answer ? await answer.json().catch(() => null) : null;
    if (!root.contains(body)) return;
    if (!told || told.error) body.replaceChildren(h('p', { class: 'notice', role: 'status' }, icon('note'), h('span', {}, told?.error || t('no_history'))));
    else draw(told, query);
  }

  function draw(told, query) {
    title.textContent = told.empty ? t('history_empty') : told.title;
    moves.replaceChildren(...(told.empty ? [] : period(told, place, go)));
    charts.clear();
    const choice = { offer: stepCard(told.offer, app), plan: planCard(told.plan, app), dose: doseCard(told.doses, app), hindrance: hindranceCard(app.facts.hindered, app) };
    if (told.empty) {
      body.replaceChildren(h('div', { class: 'cards' }, choice.dose));
      return;
    }
    body.replaceChildren(
      h('div', { class: 'beside' },
        h('section', { class: 'card weeks' }, h('h2', {}, t('weeks')), ...calendar(told.calendar, app)),
        h('div', { class: 'column' },
          told.short.length ? h('section', { class: 'card' }, h('h2', {}, t('in_short')), h('ul', { class: 'short' }, told.short.map((text) => h('li', {}, text)))) : null,
          choice.offer, choice.plan, choice.hindrance, sessions(told.sessions))),
      h('div', { class: 'charts' }, told.cards.map((card) => chartCard(card, charts, query))),
      h('div', { class: 'beside even' }, choice.dose, told.report ? reportCard(query) : null),
      told.cards.some((card) => card.chart.includes('/exercise/')) ? h('p', { class: 'hint' }, t('estimate')) : '');
  }

  function sessions(rows) {
    const shown = all ? rows : rows.slice(0, SHOWN);
    const more = rows.length > shown.length
      ? h('button', { type: 'button', class: 'plain slim', onclick: (event) => { all = true; event.target.closest('section').replaceWith(sessions(rows)); } }, t('all_sessions', { n: rows.length })) : null;
    return h('section', { class: 'card' }, h('h2', {}, t('sessions')),
      rows.length ? h('ul', { class: 'sessions' }, shown.map((row) => h('li', {}, h('button', { type: 'button', onclick: () => app.look(row.id) }, h('span', {}, row.text), h('small', {}, row.notes))))) : h('p', { class: 'hint' }, t('no_sessions')),
      more);
  }

  load();
  return {
    update() {},
    chosen: () => app.refresh().then(load),
    repaint: () => charts.repaint(),
    press: (name) => name === 'finish' && (app.goHome(), true),
  };
}

function period(told, place, go) {
  const choice = (weeks) => h('label', { class: 'choice' },
    h('input', { type: 'radio', name: 'weeks', value: weeks, checked: weeks === told.weeks, onchange: () => go({ weeks, until: null }) }),
    h('span', {}, t(weeks === 52 ? 'a_year' : 'n_weeks', { n: weeks })));
  const step = (until, name, picture) => h('button', { type: 'button', class: 'plain slim', disabled: !until, onclick: () => go({ until }) }, icon(picture), h('span', {}, t(name)));
  return [
    h('fieldset', {}, h('legend', { class: 'unseen' }, t('how_long')), h('div', { class: 'segments' }, told.lengths.map(choice))),
    h('div', { class: 'row steps' }, step(told.earlier, 'earlier', 'left'), step(told.later, 'later', 'right')),
  ];
}

function calendar(weeks, app) {
  const head = h('div', { class: 'line letters', 'aria-hidden': 'true' }, [...Array(7).keys()].map((n) => h('span', {}, weekday(n, 'weekday-letters'))));
  const day = (it) => {
    const inside = [
      h('span', { class: 'unseen' }, it.text),
      h('span', { class: 'date', 'aria-hidden': 'true' }, it.done || it.hurt ? icon(it.hurt ? 'hurts' : 'check') : String(it.number)),
      it.sat ? h('span', { class: `sat s${it.sat}`, 'aria-hidden': 'true' }) : null,
    ];
    const kind = `cell${it.done ? ' done' : ''}${it.hurt ? ' hurt' : ''}${it.today ? ' today' : ''}${it.ahead ? ' ahead' : ''}`;
    return h('li', {}, it.sessions.length
      ? h('button', { type: 'button', class: kind, title: it.text, onclick: () => app.look(it.sessions[it.sessions.length - 1]) }, inside)
      : h('span', { class: kind, title: it.text }, inside));
  };
  const legend = h('p', { class: 'hint legend' },
    h('span', {}, h('span', { class: 'cell done small' }, icon('check')), t('legend_done')),
    h('span', {}, h('span', { class: 'cell done hurt small' }, icon('hurts')), t('legend_hurt')),
    h('span', {}, h('span', { class: 'cell small' }, h('span', { class: 'sat s8' })), t('legend_sat')));
  return [head, ...weeks.map((week) => h('div', { class: 'line' },
    h('ol', { 'aria-label': week.title }, week.days.map(day)),
    h('p', { class: 'sum' }, h('small', {}, week.title), week.text))), legend];
}

function chartCard(card, charts, query) {
  return h('article', { class: 'card result' }, h('h2', {}, card.title),
    card.chart ? charts.picture(`${card.chart}?${query}`, card.alt, card.shape) : null,
    h('ul', { class: 'says' }, card.texts.map((text) => h('li', {}, text))));
}

function reportCard(query) {
  return h('section', { class: 'card' }, h('h2', {}, t('report')), h('p', {}, t('report_text')),
    h('a', { class: 'plain slim', href: `/history/report.pdf?${query}`, target: '_blank', rel: 'noopener' }, t('report_open')));
}
