"use strict";
/* One candidate at a time. A word counts as said when the server has it on disk; until then it is
   kept here, also over a reload, and sent again. */

const $ = (id) => document.getElementById(id);
const VALUES = {pulsar: "a pulsar", not: "not a pulsar", unsure: "unsure", withdrawn: "taken back"};
const PATIENCE = 10000, PAUSE = 3000;
const KEPT = "unsaved " + document.body.dataset.scores;

let who = localStorage.getItem("who") || "";
let all = [], shown = [], at = 0;
let unsaved = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
let sending = false, asked = 0;
const faces = new Map();

async function ask(path, body) {
  const sent = body && {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  };
  const answer = await fetch(path, {...sent, signal: AbortSignal.timeout(PATIENCE * (body ? 1 : 12))});
  const type = answer.headers.get("Content-Type") || "";
  const told = type.startsWith("application/json") ? await answer.json() : await answer.text();
  if (!answer.ok) {
    // Only who answers in JSON has read the word; another server may have taken the port.
    const elsewhere = `another page is served here now; open the address that was printed for it in this tab`;
    const error = new Error(told.message || (answer.status === 404 ? elsewhere : `the server answers ${answer.status}`));
    error.final = Boolean(told.message) && (answer.status === 422 || answer.status === 404);
    throw error;
  }
  return told;
}

/* What is looked at. */

async function load() {
  const mine = ++asked;
  $("note").textContent = "Looking for the candidates …";
  try {
    const told = await ask("list?sort=" + $("sort").value);
    if (mine !== asked) return;
    all = told.candidates.map((one) => ({...one, words: wordsOf(one)}));
    for (const word of unsaved) applyWord(word);
    $("note").textContent = told.note;
    choose();
  } catch (error) {
    $("note").textContent = `The list cannot be read: ${error.message}`;
  }
}

/* A person may be called as anything, also as what every object has. */
function wordsOf(told) {
  return new Map(Object.entries(told.words));
}

function choose() {
  const wanted = {
    all: () => true,
    mine: (one) => !one.words.has(who),
    conflicts: (one) => one.conflict,
  }[$("filter").value];
  shown = all.filter(wanted);
  at = 0;
  show();
}

async function show() {
  const one = shown[at];
  $("place").textContent = one ? `${at + 1} of ${shown.length}` : "Nothing is left here";
  $("back").disabled = at <= 0;
  $("next").disabled = at >= shown.length - 1;
  for (const button of document.querySelectorAll("[data-value]")) {
    button.disabled = !one && button.dataset.value !== "withdrawn";
  }
  $("resolves").checked = false;
  tell();
  if (!one) {
    $("title").textContent = "";
    $("face").replaceChildren();
    return;
  }
  $("title").textContent = `${one.rank}. ${one.title}`;
  try {
    const face = await faceOf(one.id);
    if (shown[at] === one) $("face").innerHTML = face;
    for (const near of [shown[at + 1], shown[at - 1]]) if (near) faceOf(near.id).catch(() => {});
  } catch (error) {
    if (shown[at] === one) $("face").textContent = `It cannot be shown: ${error.message}`;
  }
}

function faceOf(id) {
  if (!faces.has(id)) {
    const face = ask("face/" + id);
    face.catch(() => faces.delete(id));
    faces.set(id, face);
  }
  return faces.get(id);
}

function tell() {
  const one = shown[at];
  // Who knows what others said says it after them: their words wait for one's own.
  const open = one && (one.words.has(who) || $("filter").value === "conflicts");
  const others = open ? [...one.words].filter(([name]) => name !== who) : [];
  $("words").textContent = others.map(([name, value]) => `${name}: ${VALUES[value]}`).join(" · ");
  $("settling").hidden = !(open && one.conflict);
  for (const button of document.querySelectorAll("[data-value]")) {
    if (button.dataset.value === "withdrawn") continue;
    button.setAttribute("aria-pressed", String(one?.words.get(who) === button.dataset.value));
  }
}

function go(step) {
  const to = Math.min(Math.max(at + step, 0), shown.length - 1);
  if (to === at || !shown.length) return;
  at = to;
  show();
  toCandidate();
}

/* Where a page is narrow the choices would take the place of the candidate. */
function toCandidate() {
  if (innerWidth < 640) document.querySelector("main").scrollIntoView();
  else scrollTo(0, 0);
}

/* What is said. */

function say(value) {
  const one = shown[at];
  if (!who || (!one && value !== "withdrawn")) return;
  const word = {id: crypto.randomUUID(), who, value};
  if (value !== "withdrawn") {
    Object.assign(word, {candidate: one.id, resolves: $("resolves").checked && one.conflict});
  }
  unsaved.push(word);
  keep();
  if (value !== "withdrawn") {
    applyWord(word);
    tell();
    go(1);
  }
  $("said").textContent = "Saving …";
  send();
}

function applyWord(word) {
  const one = all.find((each) => each.id === word.candidate);
  if (one && word.value !== "withdrawn") one.words.set(word.who, word.value);
}

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify(unsaved));
}

async function send() {
  if (sending) return;
  sending = true;
  while (unsaved.length) {
    const word = unsaved[0];
    try {
      saved(word, await ask("say", word));
    } catch (error) {
      if (!error.final) {
        failed(error.message);
        setTimeout(send, PAUSE);
        break;
      }
      const one = all.find((each) => each.id === word.candidate);
      if (one) one.words.delete(word.who);
      tell();
      $("said").textContent = `Refused: ${error.message}`;
    }
    unsaved.shift();
    keep();
  }
  if (!unsaved.length) $("unsaved").hidden = true;
  sending = false;
}

function saved(word, told) {
  const one = all.find((each) => each.id === told.id);
  if (one) {
    one.words = wordsOf(told);
    one.conflict = told.conflict;
    for (const later of unsaved.slice(1)) applyWord(later);
  }
  const title = one ? `${one.rank}. ${one.title}` : told.title;
  $("said").textContent = `Saved: ${title}, ${VALUES[word.value]}.`;
  const place = one ? shown.indexOf(one) : -1;
  if (word.value === "withdrawn" && place >= 0 && place !== at) {
    at = place;
    show();
  }
  tell();
}

function failed(why) {
  const n = unsaved.length;
  $("unsaved").hidden = false;
  $("unsaved").querySelector("p").textContent =
    `Not saved: ${n} word${n > 1 ? "s are" : " is"} kept here and sent again (${why}).`;
  $("said").textContent = "";
}

/* Who looks, and with which keys. */

function begin(name) {
  who = name;
  localStorage.setItem("who", who);
  $("person").hidden = true;
  for (const part of ["main", "footer"]) document.querySelector(part).hidden = false;
  $("choices").hidden = false;
  $("other").textContent = `You are ${who}`;
  $("other").setAttribute("aria-label", `You are ${who}: change the name`);
  load();
  if (unsaved.length) send();
}

$("person").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = $("name").value;
  $("refused").textContent = given.trim() ? "" : "A name is needed.";
  if (!given.trim()) return;
  try {
    const told = await ask("person?who=" + encodeURIComponent(given.toWellFormed()));
    if (told.message) $("refused").textContent = `Not taken: ${told.message}`;
    else {
      begin(told.who);
      $("title").focus();
    }
  } catch (error) {
    $("refused").textContent = `The name cannot be checked: ${error.message}`;
  }
});
$("other").addEventListener("click", () => {
  $("person").hidden = false;
  $("name").value = who;
  $("name").focus();
});
for (const [id, act] of [["filter", choose], ["sort", load]]) {
  let pointed = false;
  $(id).addEventListener("pointerdown", () => { pointed = true; });
  $(id).addEventListener("keydown", () => { pointed = false; });
  $(id).addEventListener("change", () => {
    act();
    if (pointed) $("title").focus(); // so that the next key is a word
  });
}
$("back").addEventListener("click", () => go(-1));
$("next").addEventListener("click", () => go(1));
$("again").addEventListener("click", send);
$("help").addEventListener("click", () => $("keys").showModal());
for (const button of document.querySelectorAll("[data-value]")) {
  button.addEventListener("click", () => say(button.dataset.value));
}

const KEYS = {
  p: () => say("pulsar"),
  n: () => say("not"),
  u: () => say("unsure"),
  z: () => say("withdrawn"),
  s: () => { if (!$("settling").hidden) $("resolves").checked = !$("resolves").checked; },
  j: () => go(1),
  k: () => go(-1),
  ArrowRight: () => go(1),
  ArrowLeft: () => go(-1),
  "?": () => $("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || document.querySelector("main").hidden) return;
  event.preventDefault();
  act();
});

addEventListener("beforeunload", (event) => {
  if (unsaved.length) event.preventDefault();
});

if (who) begin(who);
else $("person").hidden = false; // not before this script can take what is typed
