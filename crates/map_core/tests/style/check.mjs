// Holds the table of expressions against the evaluator of the MapLibre style specification.
//
//   cargo xtask corpora
//   node crates/map_core/tests/style/check.mjs target/npm [--write]
//
// With --write the values in expressions.json are taken from the evaluator; without, differences are
// printed and the exit status says whether there are any.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {resolve} from 'node:path';

const [folder, option] = process.argv.slice(2);
const require = createRequire(resolve(folder ?? '.', 'package.json'));
const {createExpression} = require('@maplibre/maplibre-gl-style-spec');
const path = new URL('expressions.json', import.meta.url);
const table = JSON.parse(readFileSync(path, 'utf8'));

/** A value as JSON; a colour by its red, green, blue and alpha from 0 to 1, not premultiplied. */
function plain(value) {
    if (value === undefined) return null;
    if (value !== null && typeof value === 'object' && 'rgb' in value && 'r' in value) {
        return {colour: value.rgb.map((part) => Math.round(part * 1e6) / 1e6)};
    }
    if (value !== null && typeof value === 'object' && 'sections' in value) return value.toString();
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value === 'number' && !Number.isFinite(value)) return {error: true};
    return value;
}

function answer({expression, zoom = 14.5}) {
    const parsed = createExpression(expression, 'table');
    if (parsed.result !== 'success') return {error: true};
    try {
        const {type, id, properties} = table.feature;
        return plain(parsed.value.evaluateWithoutErrorHandling({zoom}, {type, id, properties}));
    } catch {
        return {error: true};
    }
}

let differences = 0;
for (const row of table.rows) {
    const value = answer(row);
    if (option !== '--write' && JSON.stringify(value) !== JSON.stringify(row.value)) {
        differences += 1;
        console.log(JSON.stringify(row.expression), 'table', JSON.stringify(row.value), 'evaluator', JSON.stringify(value));
    }
    row.value = value;
}
if (option === '--write') {
    const rows = table.rows.map((row) => '        ' + JSON.stringify(row)).join(',\n');
    writeFileSync(path, `{\n    "feature": ${JSON.stringify(table.feature)},\n    "rows": [\n${rows}\n    ]\n}\n`);
}
console.log(`${table.rows.length} rows, ${differences} differences`);
process.exitCode = differences > 0 ? 1 : 0;
