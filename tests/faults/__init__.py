"""Fault tests: real processes are killed, frozen, cut off and filled up while people write; a checker then reads
the history of what every client did and saw, and the database, and says which promise was broken.

A ROW of the catalogue is an async generator in a module of `tests/faults/rows/` (every module there is found by
itself): what it does before `yield` is the fault, what it does after is the healing.

    from tests.faults.checks.case import Bounds
    from tests.faults.rows import row
    from tests.faults.scene import Scene

    @row("F-10", "Redis is killed and comes back", lasts_s=4, bounds=Bounds(recovery_s=3), is_smoke=True)
    async def redis_killed(scene: Scene) -> AsyncIterator[None]:
        await scene.world.redis.kill()
        yield
        await scene.world.redis.start()

`row(id, title, *, lasts_s=0, bounds=Bounds(), database="postgres"|"sqlite", webs=2, settings={"NAME": "value"},
sends=(40, 40, 40), is_smoke=False)`. `nemesis.run_fault` plays it: people write (sends[0] answers) -> the fault begins
-> people write on for at least `lasts_s` and sends[1] answers, ok or not -> it is healed -> sends[2] answers ->
the writers stop -> everybody reads to the end (<= 30 s) -> every client lists all it shows -> the database is
dumped -> `checker.check(history, dump, bounds)`. C1-C9, C11, C13-C15 hold in every row without a word; `Bounds` has the
rest. A fault during which nothing is answered (both parts of a line held) needs sends=(40, 0, 40).

In a row:
    scene.world     the processes (world.py): .webs[i] .redis .postgres .nginx, each a Part (parts.py) with awaitable
                    kill() start() spawn() ready() freeze() thaw() stop() restart() signal(n) ended(), and .pid
                    .is_running .returncode .log .process; `await rolling_restart()`;
                    .links["client>nginx"], ["nginx>web-0"], ["web-0>redis"], ["web-0>postgres"]: proxies (proxy.py);
                    `await ask(person, method, path, body, web=0)` REST, `await sql(query)`, `figure(web, name)`
    scene.company   the clients (company.py): .tabs["writer-0".."writer-3", "editor", "phone", "laptop" (one user),
                    "listener", "stranger" (not in the room)], .rooms["hall", "corner", "elsewhere"], .people;
                    `await join(name, person, web)` adds a tab, `does(coroutine)` goes on until `is_over`,
                    `write(tab, room)`, `await answered(n)`, `await until(holds, within_s)`
    scene.rng       random.Random of the seed: take every choice from it
    scene.history   what they did (history.py); `note(Restored, as_of_s=…)` when an older database takes its place
    scene.written(part)         what a process has written to its log in this run
    scene.expect(claim, text)   what is special in this row: a false claim is a violation of the run
    scene.later(async function) is called when the writers have stopped and everybody has read to the end
Afterwards the world is healed by itself (lines healed, everything thawed and started), so a row that fails
half-way leaves the next one a whole world. Rows with the same database, webs and settings share a world in turn.

Run: `pytest tests/faults` plays one seed of the rows with is_smoke (inside `make test`); `make faults` plays all rows,
20 seeds each, and writes the table of docs/reliability.md; `SEEDS=3 make faults ONLY=F-01,F-10`; one seed again:
`SEED=17 make faults ONLY=F-01`. History, report and logs of a failing run are in `var/faults/<row>-<seed>/`.

Other tests may take only the world (`async with world(database="postgres", webs=2, mutant=None) as w:`), a Company
in it, or only `checker.check`; a row that is no fault around traffic may be a test of its own.
proxy.py, clocks.py, disks.py inject; meter.py measures; mutants.py starts servers with a planted fault, which
must be seen.
"""
