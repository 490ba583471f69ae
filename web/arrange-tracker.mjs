// How well the snippet compresses hangs on which letter each name gets and on
// which function stands beside which; no rule foretells it, so both are found
// by trying, and kept in tracker-arrangement.json for the code that they were
// found for.
import { parse } from "acorn";
import { readFile, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";

const file = path.join(path.dirname(fileURLToPath(import.meta.url)), "tracker-arrangement.json");

// placeholder is a name that is still to be given: one for each variable.
export const placeholder = (n) => `x_${n}_`;
const placeholders = /\bx_\d+_/g;

// inlined puts each function that is named in one place into that place, which
// the minifier does only where nothing runs it twice. No two names of code may be
// the same.
export function inlined(code) {
  for (const { declarations = [] } of parse(code, { ecmaVersion: "latest", sourceType: "module" }).body)
    for (const { id, init } of declarations) {
      if (init?.type !== "ArrowFunctionExpression" || code.split(id.name).length !== 3) continue;
      const text = code.slice(init.start, init.end);
      const rest = code.replace(id.name + "=" + text, id.name.replace("x", "gone"));
      // ()=>f(a) is f with a for its one parameter, which nothing changes.
      const called = rest.match(RegExp(`\\(\\)=>${id.name}\\((\\w+)\\)`));
      const [parameter, more] = init.params;
      return inlined(
        called && parameter && !more
          ? rest.replace(called[0], () => "()=>" + code.slice(init.body.start, init.body.end).replaceAll(parameter.name, called[1]))
          : rest.replace(id.name, () => `(${text})`),
      );
    }
  return code;
}

// arranged gives code its names and its order; undefined where the arrangement
// kept was found for other code.
export async function arranged(code) {
  const { of, letters, order } = JSON.parse(await readFile(file, "utf8"));
  return of === digest(code) ? write(read(code), letters, order) : undefined;
}

const digest = (code) => {
  const names = new Map();
  const same = code.replace(placeholders, (name) => placeholder(names.get(name) ?? names.set(name, names.size).size - 1));
  return createHash("sha256").update(same).digest("hex").slice(0, 16);
};

// read takes apart a block {let a = …, b = …; statements}: its declarations, the
// variables in order of appearance, and for each those that need another name.
function read(code) {
  const { declarations } = parse(code, { ecmaVersion: "latest" }).body[0].body[0];
  const texts = declarations.map(({ start, end }) => code.slice(start, end));
  const variables = [...new Set(code.match(placeholders))];
  const index = new Map(variables.map((name, i) => [name, i]));
  const own = declarations.map(({ id }) => id.name);
  return {
    texts,
    head: code.slice(0, declarations[0].start),
    tail: code.slice(declarations.at(-1).end),
    variables,
    apart: apart(code).map((others) => [...others].map((name) => index.get(name))),
    // A function may stand before what it calls; a value needs what it is made of.
    needs: declarations.map(({ init }) =>
      !init || init.type === "ArrowFunctionExpression"
        ? []
        : [...new Set(code.slice(init.start, init.end).match(placeholders))].map((name) => own.indexOf(name)).filter((i) => i >= 0),
    ),
  };
}

// write puts it together: {n: n} is {n}, so a variable that gets the letter of
// its key costs nothing.
function write({ texts, head, tail, variables }, letters, order) {
  const names = new Map(variables.map((name, i) => [name, letters[i]]));
  const code = (head + order.map((i) => texts[i]).join(",") + tail).replace(placeholders, (name) => names.get(name));
  return code.replace(/([{,])([\w$]):\2(?=[,}])/g, "$1$2");
}

// apart lists, for each variable in order of appearance, those that are
// declared or used where it is known.
function apart(code) {
  const others = new Map([...new Set(code.match(placeholders))].map((name) => [name, new Set()]));
  const scopes = [];
  const open = (parent) => scopes[scopes.push({ parent, declared: new Set(), used: new Set() }) - 1];
  const declare = (pattern, scope) => {
    switch (pattern?.type) {
      case "Identifier":
        return scope.declared.add(pattern.name);
      case "RestElement":
        return declare(pattern.argument, scope);
      case "AssignmentPattern":
        return declare(pattern.left, scope);
      default:
        throw new Error(`a declaration of the kind ${pattern?.type} is not understood here`);
    }
  };
  const body = (block, scope) => {
    for (const s of block.body) if (s.type === "VariableDeclaration") s.declarations.forEach(({ id }) => declare(id, scope));
    block.body.forEach((s) => visit(s, scope));
  };
  const visit = (node, scope) => {
    if (node.type === "ArrowFunctionExpression") {
      const inside = open(scope);
      node.params.forEach((p) => declare(p, inside));
      node.params.forEach((p) => visit(p, inside));
      return node.body.type === "BlockStatement" ? body(node.body, inside) : visit(node.body, inside);
    }
    if (node.type === "BlockStatement") return body(node, open(scope));
    if (node.type === "Identifier" && others.has(node.name)) {
      for (let s = scope; s; s = s.parent) {
        s.used.add(node.name);
        if (s.declared.has(node.name)) break;
      }
    }
    for (const [key, child] of Object.entries(node)) {
      const word = (key === "property" || key === "key") && !node.computed; // no variable
      if (!word) [child].flat().forEach((c) => c?.type && visit(c, scope));
    }
  };
  body(parse(code, { ecmaVersion: "latest" }), open());
  for (const { declared, used } of scopes) {
    for (const name of declared) {
      for (const other of [...declared, ...used]) {
        if (other === name) continue;
        others.get(name).add(other);
        others.get(other).add(name);
      }
    }
  }
  return [...others.values()];
}

const alphabet = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ$_"];

// rearrange looks for a better arrangement for so many seconds, keeps it and
// returns the size of the code with it.
export async function rearrange(code, seconds, size) {
  const kept = JSON.parse(await readFile(file, "utf8"));
  const parts = read(code);
  const start = kept.of === digest(code) ? kept : { letters: anyNames(parts), order: parts.texts.map((_, i) => i) };
  const { letters, order } = search(parts, start, seconds, size);
  await writeFile(file, JSON.stringify({ of: digest(code), letters, order }) + "\n");
  return size(write(parts, letters, order));
}

// anyNames gives each variable the first letter that is free.
function anyNames({ apart }) {
  const letters = [];
  for (const others of apart) letters.push(alphabet.find((letter) => !others.some((j) => letters[j] === letter)));
  return letters.join("");
}

// search changes one thing after the other and keeps what makes the file
// smaller; what makes it larger as well at first, so that it doesn't end at the
// nearest hill.
function search(parts, { letters, order }, seconds, size) {
  const random = (n) => Math.floor(Math.random() * n);
  const fits = (names, i) => parts.apart[i].every((j) => names[j] !== names[i]);
  const changes = [
    function one(names) {
      const i = random(names.length), had = names[i], gets = names[random(names.length)];
      const others = parts.apart[i].filter((j) => names[j] === gets);
      names[i] = gets;
      others.forEach((j) => (names[j] = had));
      return fits(names, i) && others.every((j) => fits(names, j));
    },
    function two(names) {
      const a = names[random(names.length)], b = alphabet[random(alphabet.length)];
      names.forEach((name, i) => (names[i] = name === a ? b : name === b ? a : name));
      return true;
    },
    function place(names, order) {
      order.splice(random(order.length), 0, ...order.splice(random(order.length), 1 + random(2)));
      const at = order.map((_, i) => order.indexOf(i));
      return order.every((i) => parts.needs[i].every((j) => at[j] < at[i]));
    },
  ];
  let now = { letters: [...letters], order };
  now.size = size(write(parts, now.letters, now.order));
  let best = now;
  const begun = Date.now();
  for (let left = 1; left > 0; left = 1 - (Date.now() - begun) / (seconds * 1000)) {
    const next = { letters: [...now.letters], order: [...now.order] };
    if (!changes[random(changes.length)](next.letters, next.order)) continue;
    next.size = size(write(parts, next.letters, next.order));
    if (next.size > now.size && Math.random() > Math.exp((now.size - next.size) / (2 * left))) continue;
    now = next;
    if (now.size < best.size) best = now;
  }
  return { letters: best.letters.join(""), order: best.order };
}
