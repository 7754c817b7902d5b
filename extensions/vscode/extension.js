// KrypticTrack for Visual Studio Code and its kin: what the editor tells becomes events, which a paired program on this
// machine takes in. The token lies in the editor's own secret store.
"use strict";

const vscode = require("vscode");
const { DownError, RefusedError, pair } = require("./lib/pairing");
const { Queue, State } = require("./lib/queue");
const { Watch } = require("./lib/watch");

const SECRET = "pairing";
const PAUSED = "paused";
const SCHEMES = new Set(["file", "vscode-remote"]);
const NAMES = new Map([
  ["Visual Studio Code", "code"],
  ["Visual Studio Code - Insiders", "code-insiders"],
  ["VSCodium", "codium"],
  ["Code - OSS", "code-oss"],
]);
const WORDS = {
  [State.UNPAIRED]: "It is not paired: in KrypticTrack open Sources and show a pairing code.",
  [State.OK]: "It tells KrypticTrack which files you work on.",
  [State.OFF]: "The editor's source is switched off in KrypticTrack; nothing is recorded.",
  [State.DOWN]: "KrypticTrack does not answer; what you do is kept in memory until it does.",
  [State.REFUSED]: "KrypticTrack does not know this editor any more. Pair it again.",
};

let running = null;

class Running {
  #context;
  #item;
  #queue = new Queue(() => this.#show());
  #watch;
  #debugging = new Map();
  #tests = new Map();
  #byHand = new Set();

  constructor(context) {
    this.#context = context;
    this.#item = vscode.window.createStatusBarItem("kryptictrack", vscode.StatusBarAlignment.Right);
    this.#item.name = "KrypticTrack";
    this.#item.command = "kryptictrack.state";
    const app = NAMES.get(vscode.env.appName) ?? vscode.env.appName.toLowerCase().replace(/\s+/g, "-");
    this.#watch = new Watch((event) => this.#emit(event), problemsOf, app);
    const name = `${vscode.env.appName} extension`.slice(0, 60);
    context.subscriptions.push(
      this.#item,
      vscode.commands.registerCommand("kryptictrack.pair", () => this.#pair(name)),
      vscode.commands.registerCommand("kryptictrack.state", () => this.#tellState()),
      vscode.commands.registerCommand("kryptictrack.pause", () => this.#pause()),
      vscode.commands.registerCommand("kryptictrack.forget", () => this.#forget()),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.#front(editor)),
      vscode.window.onDidChangeWindowState(({ focused }) => focused || this.#watch.flush()),
      vscode.workspace.onDidChangeTextDocument((change) => this.#changed(change)),
      vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
        if (reason === vscode.TextDocumentSaveReason.Manual) {
          this.#byHand.add(document.uri.toString());
        }
      }),
      vscode.workspace.onDidSaveTextDocument((document) => this.#saved(document)),
      vscode.debug.onDidStartDebugSession((session) => this.#debugging.set(session.id, Date.now())),
      vscode.debug.onDidTerminateDebugSession((session) => this.#debugged(session)),
      vscode.tasks.onDidStartTaskProcess(({ execution }) => this.#tests.set(execution, Date.now())),
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => this.#tested(execution, exitCode)),
      // Another window may pair, or forget, for all of them.
      context.secrets.onDidChange(({ key }) => key === SECRET && this.#usePairing()),
    );
  }

  async start() {
    this.#item.show();
    await this.#usePairing();
    this.#front(vscode.window.activeTextEditor);
  }

  async end() {
    this.#watch.leave();
    await this.#queue.end();
  }

  get #paused() {
    return this.#context.workspaceState.get(PAUSED, false);
  }

  #emit(event) {
    if (!this.#paused) {
      this.#queue.add(event);
    }
  }

  #front(editor) {
    this.#watch.shown(editor ? fileOf(editor.document) : null, Date.now());
  }

  #changed({ document, contentChanges }) {
    // What changes behind the front, or while nobody is in this window, was not typed here.
    if (contentChanges.length && document === vscode.window.activeTextEditor?.document && isFile(document)) {
      this.#watch.edited(pathOf(document.uri), 1, Date.now());
    }
  }

  #saved(document) {
    if (this.#byHand.delete(document.uri.toString()) && isFile(document)) {
      this.#watch.saved(fileOf(document), Date.now());
    }
  }

  #debugged(session) {
    const fromMs = this.#debugging.get(session.id);
    this.#debugging.delete(session.id);
    if (fromMs === undefined || session.parentSession) {
      return;
    }
    const isTest = [session.configuration.purpose].flat().includes("debug-test");
    const of = { name: session.name, language: session.type, fromMs, untilMs: Date.now() };
    this.#watch.ran(isTest ? "test" : "debug", { ...of, ...folderOf(session.workspaceFolder) });
  }

  #tested(execution, exitCode) {
    const fromMs = this.#tests.get(execution);
    this.#tests.delete(execution);
    const { task } = execution;
    if (fromMs === undefined || task.group?.id !== vscode.TaskGroup.Test.id) {
      return;
    }
    const of = { name: task.name, language: null, fromMs, untilMs: Date.now(), exitStatus: exitCode ?? null };
    const scope = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.[0];
    this.#watch.ran("test", { ...of, ...folderOf(scope) });
  }

  async #usePairing() {
    const kept = await this.#context.secrets.get(SECRET);
    this.#queue.use(kept ? JSON.parse(kept) : null);
  }

  async #pair(name) {
    const code = await vscode.window.showInputBox({
      title: "Pair with KrypticTrack",
      prompt: "The code that KrypticTrack shows on its Sources page",
      ignoreFocusOut: true,
      password: false,
    });
    if (!code) {
      return;
    }
    const port = vscode.workspace.getConfiguration("kryptictrack").get("port");
    try {
      await this.#context.secrets.store(SECRET, JSON.stringify(await pair(code, port, name)));
      vscode.window.showInformationMessage("Paired. Switch the editor source on and off on the Sources page.");
    } catch (error) {
      if (!(error instanceof DownError || error instanceof RefusedError)) {
        throw error;
      }
      vscode.window.showWarningMessage(error.message);
    }
  }

  async #tellState() {
    const { sent, lost, waiting, message } = this.#queue;
    const counts = `Sent ${sent}, waiting ${waiting}${lost ? `, lost ${lost}` : ""}.`;
    const words = this.#paused ? "Nothing is recorded in this folder." : message || WORDS[this.#queue.state];
    const choice = await vscode.window.showInformationMessage(`${words} ${counts}`, "Pair", this.#paused ? "Tell again" : "Pause here");
    if (choice) {
      await vscode.commands.executeCommand(choice === "Pair" ? "kryptictrack.pair" : "kryptictrack.pause");
    }
  }

  async #pause() {
    this.#watch.flush();
    await this.#context.workspaceState.update(PAUSED, !this.#paused);
    this.#show();
  }

  async #forget() {
    await this.#context.secrets.delete(SECRET);
    vscode.window.showInformationMessage("Forgotten here. Revoke its token in KrypticTrack under Settings too.");
  }

  #show() {
    const tells = this.#queue.state === State.OK && !this.#paused;
    this.#item.text = tells ? "$(eye)" : "$(eye-closed)";
    this.#item.tooltip = `KrypticTrack: ${this.#paused ? "Nothing is recorded in this folder." : WORDS[this.#queue.state]}`;
    this.#item.accessibilityInformation = { label: this.#item.tooltip };
  }
}

function isFile(document) {
  return SCHEMES.has(document.uri.scheme);
}

function pathOf(uri) {
  return uri.scheme === "file" ? uri.fsPath : uri.path;
}

/** What is known of a document's file; null for what is none, such as an output or a setting's page. */
function fileOf(document) {
  if (!isFile(document)) {
    return null;
  }
  const { uri, languageId } = document;
  const project = vscode.workspace.getWorkspaceFolder(uri)?.name ?? null;
  return { path: pathOf(uri), language: languageId, project, branch: branchOf(uri) };
}

function folderOf(folder) {
  return { folder: folder ? pathOf(folder.uri) : null, project: folder?.name ?? null };
}

function branchOf(uri) {
  // Only where the editor's own git extension runs already, and beside this one.
  const git = vscode.extensions.getExtension("vscode.git");
  if (!git?.isActive || !git.exports?.enabled) {
    return null;
  }
  return git.exports.getAPI(1).getRepository(uri)?.state.HEAD?.name ?? null;
}

function problemsOf(file) {
  const found = vscode.languages.getDiagnostics(vscode.Uri.file(file.path));
  const count = (severity) => found.filter((each) => each.severity === severity).length;
  return { errors: count(vscode.DiagnosticSeverity.Error), warnings: count(vscode.DiagnosticSeverity.Warning) };
}

async function activate(context) {
  running = new Running(context);
  await running.start();
}

async function deactivate() {
  await running?.end();
}

module.exports = { activate, deactivate };
