// The other end of the real OpenClaw, for tests/openclaw: what asks its gateway, and what stands in for a provider of
// models. Loopback alone.
//
//	port FIRST                 prints a port that is free, of the hundred from FIRST on, which nobody else asks for: of
//	                           those that are given to whoever connects another could be there before it is used
//	wait PORT PID SECONDS [PATH]
//	                           until the gateway answers with 200 at PATH (/healthz); fails when process PID is gone, or later than that
//	ask PORT TOKEN             prints the status of a call with that token: 200, or 401
//	chat PORT TOKEN [TEXT]     prints the status of a chat, and what was answered
//	load PORT COUNT            asks COUNT times and more, until the token has changed for a while: with the first of the two
//	                           tokens on stdin, and with the second once that is refused. Says "begun" at the first
//	                           answer; and then how many were answered
//	                           with the first, with the second, and not at all; and how many with the first after it had
//	                           been refused
//	model PORT LOG             a provider of models, which writes to LOG who asked it, with which Authorization, and to
//	                           LOG.texts what. To "run: COMMAND" it answers with a call of the agent's tool exec
import fs from "node:fs";
import http from "node:http";
import net from "node:net";

const call = (port, path, token, body, seconds = 60) =>
	fetch(`http://127.0.0.1:${port}${path}`, {
		method: body ? "POST" : "GET",
		headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
		body: body && JSON.stringify(body),
		signal: AbortSignal.timeout(seconds * 1000),
	});
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const lives = (pid) => {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return error.code === "EPERM";
	}
};
const invoke = (port, token) => call(port, "/tools/invoke", token, { tool: "agents_list", args: {} });

const commands = {
	port(first) {
		const server = net.createServer();
		server.on("error", () => commands.port(first)).listen(+first + Math.floor(Math.random() * 100), "127.0.0.1", () => {
			console.log(server.address().port);
			server.close();
		});
	},
	async wait(port, pid, seconds, path = "/healthz") {
		for (const end = Date.now() + seconds * 1000; Date.now() < end && lives(+pid); await sleep(100)) {
			const answer = await call(port, path).catch(() => undefined);
			if (answer?.status === 200) return;
		}
		process.exitCode = 1;
	},
	async ask(port, token) {
		console.log((await invoke(port, token)).status);
	},
	async chat(port, token, text = "ping") {
		const messages = [{ role: "user", content: text }];
		const answer = await call(port, "/v1/chat/completions", token, { model: "openclaw", messages }, 300);
		console.log(answer.status, await answer.text());
	},
	async load(port, count) {
		const [first, second] = fs.readFileSync(0, "utf8").split("\n");
		const seen = { first: 0, second: 0, lost: 0, late: 0 };
		// the cheapest: there is nothing at that path, which only who has the token is told
		const status = (token) => call(port, "/api/channels", token).then(async (answer) => ((await answer.text()), answer.status), String);
		const end = Date.now() + 600000;
		let refused = Infinity;
		const isOver = () => Date.now() > end || (seen.first + seen.second >= count && seen.second >= count / 4);
		const take = (answer, which) => {
			if (answer === 404) {
				if (seen.first + seen.second === 0) console.log("begun");
				return seen[which]++;
			}
			seen.lost++;
			console.error(`with the ${which}: ${answer}`);
		};
		// a client with both tokens, which tries the second as soon as the first is refused
		const client = async () => {
			for (let token = first; !isOver(); ) {
				const start = Date.now();
				const answer = await status(token);
				if (token === first && answer === 401) {
					refused = Math.min(refused, Date.now());
					token = second;
				} else {
					if (token === first && answer === 404 && start > refused) seen.late++;
					take(answer, token === first ? "first" : "second");
				}
			}
		};
		// one that never learns
		const stubborn = async () => {
			while (refused === Infinity && !isOver()) await sleep(50);
			while (!isOver()) if ((await status(first)) === 404) seen.late++;
		};
		await Promise.all([client(), client(), client(), client(), stubborn()]);
		console.log(`${seen.first} first, ${seen.second} second, ${seen.lost} lost, ${seen.late} late`);
	},
	model(port, log) {
		const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "m1" };
		const delta = (body) => {
			const messages = JSON.parse(body || "{}").messages ?? [];
			const texts = messages.map(({ role, content }) => (role === "user" ? JSON.stringify(content) : ""));
			const asked = texts.findLastIndex((text) => text.includes("run: "));
			// once: the call's result comes as a message behind it
			const isDone = messages.slice(asked + 1).some(({ role }) => role === "tool");
			const command = !isDone && /run: ([^"\\]*)/.exec(texts[asked])?.[1];
			if (!command) return { content: "pong" };
			const call = { name: "exec", arguments: JSON.stringify({ command }) };
			return { tool_calls: [{ index: 0, id: "call_1", type: "function", function: call }] };
		};
		http
			.createServer(async (request, response) => {
				const body = Buffer.concat(await request.toArray()).toString();
				fs.appendFileSync(log, `${request.method} ${request.url} ${request.headers.authorization}\n`);
				fs.appendFileSync(`${log}.texts`, `${body}\n`);
				const said = delta(body);
				const choices = [
					{ delta: { role: "assistant", ...said }, finish_reason: null },
					{ delta: {}, finish_reason: said.tool_calls ? "tool_calls" : "stop" },
				];
				response.writeHead(200, { "content-type": "text/event-stream" });
				for (const choice of choices)
					response.write(`data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, ...choice }] })}\n\n`);
				response.end("data: [DONE]\n\n");
			})
			.listen(+port, "127.0.0.1");
	},
};

await commands[process.argv[2]](...process.argv.slice(3));
