'use strict';
// The interactive part of a report: a table, a scatter plot and a comparison over the same runs. All text goes into
// the page as text nodes, never as markup. The state is in the address after '#', so that a view can be shared.
(() => {
  const data = JSON.parse(document.getElementById('explorer-data').textContent);
  const root = document.getElementById('explorer');
  const columns = [
    {name: 'run', label: 'run', get: r => r.id},
    {name: 'status', label: 'status', get: r => r.status},
    ...data.settings.map(({name, label}, i) => ({name, label, get: r => r.settings[i], named: r => r.labels[i]})),
    ...data.metrics.map(({name, label}, i) => ({name, label, get: r => r.metrics[i], metric: true}))];
  // Without a prototype, so that no name in the results or in the address is one of its members.
  const byName = entries => Object.assign(Object.create(null), Object.fromEntries(entries));
  const named = byName(columns.map(c => [c.name, c]));
  const numbers = columns.filter(c => data.runs.some(r => typeof c.get(r) === 'number'));
  const shown = columns.filter(c => !c.metric || data.shown.includes(c.name));
  const state = {sort: '', down: false, filter: byName([]), x: '', y: '', color: '', brush: null, a: -1, b: -1, order: 'change'};

  // ---- small helpers ----
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
      else if (value !== false && value !== null) made.setAttribute(key, value === true ? '' : value);
    }
    made.append(...children);
    return made;
  };
  const svg = (name, attributes, ...children) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const text = v => v === null || v === undefined ? '–' : typeof v === 'number' ? number(v) : String(v);
  // The value in a column, by the name that the report gives it.
  const shownIn = (c, run) => c.named && c.named(run) !== null ? c.named(run) : text(c.get(run));
  const number = v => Number.isInteger(v) ? String(v)
    : Math.abs(v) >= 1e-3 && Math.abs(v) < 1e6 ? String(Number(v.toPrecision(4))) : v.toExponential(2);
  const compare = (a, b) => a === b ? 0 : a === null ? 1 : b === null ? -1
    : typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1;

  // ---- filters: text is searched for; <, <=, >, >=, = compare; several conditions are separated by spaces ----
  const test = (condition, value, shown) => {
    const found = /^(<=|>=|<|>|=)(.+)$/.exec(condition);
    if (!found) return [shown, text(value)].some(s => s.toLowerCase().includes(condition.toLowerCase()));
    const [, sign, operand] = found;
    if (sign === '=') return [shown, String(value), text(value)].includes(operand) || Number(operand) === value;
    const limit = Number(operand);
    if (typeof value !== 'number' || Number.isNaN(limit)) return false;
    return sign === '<' ? value < limit : sign === '>' ? value > limit : sign === '<=' ? value <= limit : value >= limit;
  };
  const matches = run => Object.entries(state.filter).every(([name, filter]) =>
    !named[name] || filter.split(/\s+/).filter(Boolean).every(condition => test(condition, named[name].get(run), shownIn(named[name], run))));
  const within = run => {
    if (!state.brush) return true;
    const [x0, x1, y0, y1] = state.brush;
    const x = named[state.x].get(run), y = named[state.y].get(run);
    return typeof x === 'number' && typeof y === 'number' && x >= x0 && x <= x1 && y >= y0 && y <= y1;
  };
  const visible = () => {
    const runs = data.runs.filter(run => matches(run) && within(run));
    const column = named[state.sort];
    if (column) runs.sort((r, s) => {
      const [v, w] = [column.get(r), column.get(s)];
      return v === null || w === null ? compare(v, w) : (state.down ? -1 : 1) * compare(v, w);
    });
    return runs;
  };

  // ---- table ----
  const body = element('tbody');
  const count = element('p', {class: 'muted', id: 'explorer-count'});
  const heads = byName([]);
  const table = element('table', {id: 'explorer-table'},
    element('thead', {},
      element('tr', {}, element('th', {}, 'compare'), ...shown.map(c => heads[c.name] = element('th', {},
        element('button', {type: 'button', title: 'sort by ' + c.name, onclick: () => {
          state.down = state.sort === c.name && !state.down;
          state.sort = c.name;
          update();
        }}, c.label)))),
      element('tr', {}, element('th'), ...shown.map(c => element('th', {}, element('input', {
        type: 'text', 'aria-label': 'filter ' + c.label, 'data-filter': c.name, placeholder: 'filter', oninput: event => {
          state.filter[c.name] = event.target.value;
          update();
        }}))))),
    body);
  const pick = (run, side) => element('button', {
    type: 'button', class: state[side] === run.index ? 'picked' : '', 'data-pick': side,
    title: 'compare as ' + side.toUpperCase(), onclick: () => { state[side] = run.index; update(); }
  }, side.toUpperCase());
  const drawTable = runs => {
    count.textContent = runs.length + ' of ' + data.runs.length + ' runs'
      + (state.brush ? ' (within the selected area)' : '') + '. Filters: text, or <, <=, >, >=, = with a number.';
    for (const [name, head] of Object.entries(heads)) {
      head.setAttribute('aria-sort', state.sort !== name ? 'none' : state.down ? 'descending' : 'ascending');
    }
    body.replaceChildren(...runs.map(run => element('tr', {'data-run': run.id},
      element('td', {}, pick(run, 'a'), ' ', pick(run, 'b')),
      ...shown.map(c => element('td', {class: typeof c.get(run) === 'number' ? 'number' : ''}, shownIn(c, run))))));
  };

  // ---- scatter plot ----
  const WIDTH = 760, HEIGHT = 380, LEFT = 70, BELOW = 46, RIGHT = 16, ABOVE = 12;
  const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#666666'];
  const plot = svg('svg', {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, id: 'explorer-plot', role: 'img',
    'aria-label': 'scatter plot of the runs'});
  const tip = element('div', {id: 'explorer-tip', hidden: true});
  const legend = element('p', {class: 'muted', id: 'explorer-legend'});
  const choice = (label, key, options) => {
    const select = element('select', {'aria-label': label, 'data-axis': key, onchange: event => {
      state[key] = event.target.value;
      state.brush = null;
      update();
    }}, ...options.map(name => element('option', {value: name}, name ? named[name].label : 'none')));
    return {label: element('label', {}, label + ' ', select), select};
  };
  const axes = [choice('x', 'x', numbers.map(c => c.name)), choice('y', 'y', numbers.map(c => c.name)),
    choice('colour', 'color', ['', ...data.settings.map(s => s.name)])];
  const scale = (values, from, to) => {
    let low = Math.min(...values), high = Math.max(...values);
    const room = 0.05 * (high - low) || Math.abs(high) * 0.05 || 1;
    [low, high] = [low - room, high + room];
    const power = 10 ** Math.floor(Math.log10((high - low) / 5));
    const unit = power * [1, 2, 5, 10].find(factor => factor * power * 6 >= high - low);
    const ticks = [];
    for (let i = Math.ceil(low / unit); i * unit <= high; i++) ticks.push(Number((i * unit).toPrecision(12)));
    return {at: v => from + (v - low) / (high - low) * (to - from),
      of: p => low + (p - from) / (to - from) * (high - low), ticks};
  };
  let placed = null;
  const levels = () => state.color ? [...new Set(data.runs.map(r => shownIn(named[state.color], r)))] : [];
  const colour = run => state.color
    ? PALETTE[levels().indexOf(shownIn(named[state.color], run)) % PALETTE.length] : PALETTE[0];
  const drawPlot = () => {
    const [cx, cy] = [named[state.x], named[state.y]];
    const points = data.runs.filter(r => cx && cy && typeof cx.get(r) === 'number' && typeof cy.get(r) === 'number');
    plot.replaceChildren();
    if (!points.length) return;
    const x = scale(points.map(cx.get), LEFT, WIDTH - RIGHT), y = scale(points.map(cy.get), HEIGHT - BELOW, ABOVE);
    placed = {x, y};
    const label = (at, value, attributes) => svg('text', {...at, 'font-size': 12, fill: 'currentColor', ...attributes}, value);
    for (const tick of x.ticks) plot.append(label({x: x.at(tick), y: HEIGHT - BELOW + 18}, number(tick), {'text-anchor': 'middle'}));
    for (const tick of y.ticks) {
      plot.append(svg('line', {x1: LEFT, x2: WIDTH - RIGHT, y1: y.at(tick), y2: y.at(tick), stroke: 'currentColor', opacity: 0.12}),
        label({x: LEFT - 8, y: y.at(tick) + 4}, number(tick), {'text-anchor': 'end'}));
    }
    plot.append(label({x: (LEFT + WIDTH) / 2, y: HEIGHT - 8}, cx.label, {'text-anchor': 'middle'}),
      label({x: 14, y: HEIGHT / 2, transform: `rotate(-90 14 ${HEIGHT / 2})`}, cy.label, {'text-anchor': 'middle'}));
    for (const run of points) {
      const inside = matches(run) && within(run), chosen = run.index === state.a || run.index === state.b;
      const dot = svg('circle', {cx: x.at(cx.get(run)), cy: y.at(cy.get(run)), r: chosen ? 7 : 4.5, fill: colour(run),
        opacity: inside ? 0.85 : 0.12, stroke: chosen ? 'currentColor' : 'none', 'stroke-width': 2, 'data-run': run.id});
      dot.addEventListener('mouseenter', event => showTip(run, event));
      dot.addEventListener('mouseleave', () => { tip.hidden = true; });
      dot.addEventListener('click', event => { state[event.shiftKey ? 'b' : 'a'] = run.index; update(); });
      plot.append(dot);
    }
    if (state.brush) {
      const [x0, x1, y0, y1] = state.brush;
      plot.append(svg('rect', {x: x.at(x0), y: y.at(y1), width: x.at(x1) - x.at(x0), height: y.at(y0) - y.at(y1),
        fill: 'currentColor', opacity: 0.08, 'pointer-events': 'none'}));
    }
    legend.replaceChildren(...levels().flatMap((level, i) => [
      element('span', {style: `color:${PALETTE[i % PALETTE.length]}`}, '●'), ' ' + level + '  ']));
  };
  const MOST_HARD = 3;
  const showTip = (run, event) => {
    const lines = [run.id, ...shown.filter(c => c.name !== 'run').map(c => c.label + ': ' + shownIn(c, run))];
    for (const set of data.sets) {
      const margins = set.margins[run.index];
      if (!margins) continue;
      const known = margins.map((m, i) => [m, set.pairs[i]]).filter(([m]) => m !== null).sort((p, q) => p[0] - q[0]);
      const right = known.filter(([m]) => m > 0).length;
      lines.push((set.name ? set.name + ': ' : '') + right + ' of ' + known.length + ' pairs with Δ > 0; lowest Δ: '
        + known.slice(0, MOST_HARD).map(([m, pair]) => 'pair ' + pair + ' (' + number(m) + ')').join(', '));
    }
    tip.replaceChildren(...lines.map(line => element('div', {}, line)));
    tip.hidden = false;
    tip.style.left = event.pageX + 14 + 'px';
    tip.style.top = event.pageY + 14 + 'px';
  };
  const place = event => {
    const box = plot.getBoundingClientRect();
    return [(event.clientX - box.left) * WIDTH / box.width, (event.clientY - box.top) * HEIGHT / box.height];
  };
  let begin = null;
  plot.addEventListener('mousedown', event => { if (event.target.tagName !== 'circle') { begin = place(event); event.preventDefault(); } });
  window.addEventListener('mouseup', event => {
    if (!begin || !placed) return;
    const end = place(event);
    const isDrag = Math.abs(end[0] - begin[0]) > 4 && Math.abs(end[1] - begin[1]) > 4;
    const sorted = (axis, i) => [axis.of(begin[i]), axis.of(end[i])].sort((p, q) => p - q);
    state.brush = isDrag ? [...sorted(placed.x, 0), ...sorted(placed.y, 1)] : null;
    begin = null;
    update();
  });

  // ---- comparison of two runs, pair by pair ----
  const comparison = element('div', {id: 'explorer-comparison'});
  const MOST_ROWS = 200;
  const drawComparison = () => {
    const [a, b] = [data.runs[state.a], data.runs[state.b]];
    comparison.replaceChildren(element('p', {class: 'muted'}, data.note));
    if (!a || !b) {
      comparison.prepend(element('p', {}, 'Choose two runs: A and B in the table, or a point (A) and a point with Shift (B).'));
      return;
    }
    comparison.prepend(element('p', {}, 'A: ', element('code', {}, a.id)), element('p', {}, 'B: ', element('code', {}, b.id)));
    const table = element('table', {class: 'compared'}, element('tr', {}, ...['', 'A', 'B', 'B − A'].map(h => element('th', {}, h))));
    for (const c of columns.filter(c => c.name !== 'run' && compare(c.get(a), c.get(b)) !== 0)) {
      const [v, w] = [c.get(a), c.get(b)];
      table.append(element('tr', {}, element('td', {}, c.label), element('td', {class: 'number'}, shownIn(c, a)),
        element('td', {class: 'number'}, shownIn(c, b)),
        element('td', {class: 'number'}, typeof v === 'number' && typeof w === 'number' ? number(w - v) : '')));
    }
    comparison.append(table, ...data.sets.map(set => pairTable(set, a, b)));
  };
  const pairTable = (set, a, b) => {
    const [first, second] = [set.margins[a.index], set.margins[b.index]];
    const box = element('div');
    if (!first || !second) {
      box.append(element('p', {}, (set.name || 'held-out pairs') + ': not compared, '
        + [[first, 'A'], [second, 'B']].filter(([has]) => !has).map(([, side]) => side).join(' and ') + ' without evaluated pairs.'));
      return box;
    }
    if (set.groups[a.index] !== set.groups[b.index]) {
      box.append(element('p', {}, (set.name || 'held-out pairs') + ': not compared, the two runs have different pairs.'));
      return box;
    }
    const rows = set.pairs.map((pair, i) => ({pair, i, a: first[i], b: second[i]})).filter(r => r.a !== null && r.b !== null);
    const gained = rows.filter(r => r.a <= 0 && r.b > 0).length, lost = rows.filter(r => r.a > 0 && r.b <= 0).length;
    rows.sort(state.order === 'change' ? (r, s) => Math.abs(s.b - s.a) - Math.abs(r.b - r.a) : (r, s) => r.b - s.b);
    box.append(element('h3', {}, (set.name || 'held-out pairs') + ': ' + rows.length + ' of ' + set.total
      + ' pairs; Δ becomes positive in ' + gained + ', is positive no longer in ' + lost),
      element('p', {class: 'muted'}, set.groups[a.index] === 0 ? set.note
        : 'No texts: the page has those of the pairs of the first completed run.'),
      element('label', {}, 'order ', element('select', {'data-order': true, onchange: event => { state.order = event.target.value; update(); }},
        ...[['change', 'largest change first'], ['worst', 'lowest Δ of B first']].map(([value, label]) =>
          element('option', {value, selected: state.order === value}, label)))));
    const table = element('table', {class: 'pairs'}, element('tr', {}, ...['pair', 'Δ of A', 'Δ of B', 'B − A'].map(h => element('th', {}, h))));
    for (const row of rows.slice(0, MOST_ROWS)) {
      const texts = set.groups[a.index] === 0 ? set.texts[row.i] : null;
      table.append(element('tr', {'data-pair': row.pair},
        element('td', {}, texts ? element('details', {}, element('summary', {}, row.pair),
          ...['prompt', 'chosen', 'rejected'].flatMap((side, i) => [element('h3', {}, side), element('pre', {}, texts[i])])) : row.pair),
        ...[row.a, row.b, row.b - row.a].map(v => element('td', {class: 'number' + (v < 0 ? ' negative' : '')}, number(v)))));
    }
    box.append(table);
    if (rows.length > MOST_ROWS) box.append(element('p', {class: 'muted'}, 'The first ' + MOST_ROWS + ' in this order.'));
    return box;
  };

  // ---- state ----
  const save = () => {
    const kept = new URLSearchParams();
    for (const key of ['sort', 'x', 'y', 'color']) if (state[key]) kept.set(key, state[key]);
    if (state.down) kept.set('down', '1');
    for (const key of ['a', 'b']) if (state[key] >= 0) kept.set(key, data.runs[state[key]].id);
    for (const [name, filter] of Object.entries(state.filter)) if (filter) kept.set('filter.' + name, filter);
    if (state.brush) kept.set('brush', state.brush.join(','));
    history.replaceState(null, '', '#' + kept);
  };
  const load = () => {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const key of ['sort', 'x', 'y', 'color']) if (named[kept.get(key)]) state[key] = kept.get(key);
    state.down = kept.get('down') === '1';
    for (const key of ['a', 'b']) state[key] = data.runs.findIndex(r => r.id === kept.get(key));
    for (const [key, value] of kept) if (key.startsWith('filter.')) state.filter[key.slice(7)] = value;
    const brush = (kept.get('brush') || '').split(',').map(Number);
    if (brush.length === 4 && brush.every(Number.isFinite)) state.brush = brush;
  };
  const update = () => {
    const runs = visible();
    drawTable(runs);
    drawPlot();
    drawComparison();
    save();
  };
  data.runs.forEach((run, index) => { run.index = index; });
  const preferred = name => numbers.find(c => c.name === name);
  const first = (preferred('world/kl') || numbers.find(c => !c.metric) || numbers[0] || {name: ''}).name;
  const second = (preferred('world/reward') || numbers.find(c => c.metric && data.shown.includes(c.name)) || numbers[0] || {name: ''}).name;
  Object.assign(state, {x: first, y: second, color: data.settings.map(s => s.name).find(name => name !== 'seed') || ''});
  load();
  axes.forEach((axis, i) => { axis.select.value = state[['x', 'y', 'color'][i]]; });
  root.append(count, element('div', {class: 'scroll explorer-rows'}, table), element('h3', {}, 'Metric against metric'),
    element('p', {}, ...axes.flatMap(axis => [axis.label, ' '])),
    element('p', {class: 'muted'}, 'Hover a point for its run; click it for A, with Shift for B; drag a rectangle to select runs, click beside it to select all.'),
    plot, legend, element('h3', {}, data.sets.length ? 'Two runs, pair by pair' : 'Two runs'), comparison);
  document.body.append(tip);
  document.querySelectorAll('[data-filter]').forEach(input => { input.value = state.filter[input.dataset.filter] || ''; });
  update();
  root.hidden = false;
})();
