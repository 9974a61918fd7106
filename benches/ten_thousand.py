#!/usr/bin/env python3
"""The real binary in a pty against 10,000 pods: first rows, RSS, idle bytes and CPU, bytes per `j`, CPU under updates.

    cargo build --release
    benches/ten_thousand.py [--bin target/release/kopilot-tui] [--pods 10000] [--demo]

Where KUBEBUILDER_ASSETS names binaries (tests/real/controlplane/build.sh) the pods are kwok's on a real control plane,
elsewhere, or with --demo, the embedded cluster's. Ends what it starts. Figures are of one run on one machine: compare
within a run only. Beside them stand two other terminal programs on 10,000 two-container pods, measured elsewhere."""
import argparse, fcntl, http.client, json, os, pathlib, pty, re, select, signal, ssl, struct, subprocess, sys, tempfile, termios, threading, time

HERE = pathlib.Path(__file__).resolve().parent
CONTROL = HERE.parent / "tests/real/controlplane"
PIECE = re.compile(r"\x1b\[([0-9;?<>=]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[()][A-Z0-9]|\x1b[=>78]|([\r\n\b])|([^\x00-\x1f\x7f])", re.S)
ROWS, COLUMNS = 50, 180
PEERS = [("first rows, ms", "9,546", "92"), ("memory, MiB", "1,810", "693"), ("idle CPU, %", "43", "0.1"), ("idle bytes/s", "214", "97"),
         ("key to output p50, ms", "4.1", "1.8"), ("bytes for 20 × j", "23,904", "14,127"), ("CPU at 100 updates/s, %", "44", "48")]


class Cells:
    """What a terminal shows of a program that only moves, writes and erases."""

    def __init__(self):
        self.cells = [[" "] * COLUMNS for _ in range(ROWS)]
        self.row = self.column = 0
        self.rest = b""

    def feed(self, data):
        # an escape or a character may be cut at the end
        data = self.rest + data
        cut = len(data)
        if (escape := data.rfind(b"\x1b", max(0, len(data) - 40))) >= 0 and not PIECE.match(data[escape:].decode(errors="replace")):
            cut = escape
        text = data[:cut].decode(errors="replace")
        self.rest = data[cut:]
        for piece in PIECE.finditer(text):
            numbers, final, control, letter = piece.groups()
            if letter:
                if self.row < ROWS and self.column < COLUMNS:
                    self.cells[self.row][self.column] = letter
                self.column += 1
            elif control:
                self.row, self.column = {"\r": (self.row, 0), "\n": (self.row + 1, self.column), "\b": (self.row, max(0, self.column - 1))}[control]
            elif final:
                self.control(final, [int(n) if n.isdigit() else 0 for n in numbers.split(";")])

    def control(self, final, numbers):
        first = numbers[0]
        if final in "Hf":
            self.row, self.column = max(0, first - 1), max(0, (numbers + [0])[1] - 1)
        elif final in "ABCD":
            by = max(1, first)
            self.row += {"A": -by, "B": by}.get(final, 0)
            self.column += {"C": by, "D": -by}.get(final, 0)
        elif final == "G":
            self.column = max(0, first - 1)
        elif final == "d":
            self.row = max(0, first - 1)
        elif final == "J" and first == 2:
            self.cells = [[" "] * COLUMNS for _ in range(ROWS)]
        elif final == "K":
            self.cells[self.row][self.column if first == 0 else 0 :] = [" "] * (COLUMNS - (self.column if first == 0 else 0))
        elif final == "X":
            self.cells[self.row][self.column : self.column + max(1, first)] = [" "] * max(1, first)

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)


class Screen:
    """A program in a pty of 180×50; what it shows, and the instants at which its output came."""

    def __init__(self, argv, env):
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(env)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execv(argv[0], argv)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.cells = Cells()

    def pump(self, seconds):
        """Reads for at most `seconds`; returns the bytes that came and when the first did."""
        end, got, first = time.monotonic() + seconds, 0, None
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                chunk = os.read(self.fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            first = first or time.monotonic()
            got += len(chunk)
            self.cells.feed(chunk)
        return got, first

    def wait(self, pattern, seconds):
        """The instant at which the screen matches."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.005)
            if re.search(pattern, self.cells.text()):
                return time.monotonic()
        raise SystemExit(f"not seen within {seconds} s: {pattern!r}\n{self.cells.text()}")

    def settle(self):
        """Waits until nothing was written and nearly nothing computed for 1.5 s (60 s at most): events and the other kinds that
        the rules read come after the rows."""
        for _ in range(40):
            before = self.cpu()
            if self.pump(1.5)[0] == 0 and self.cpu() - before < 0.03:
                return

    def key(self, key):
        """Bytes that a key causes, and the milliseconds to the first of them."""
        sent = time.monotonic()
        os.write(self.fd, key)
        got, first = self.pump(0.12)
        return got, ((first or sent) - sent) * 1000

    def status(self, field):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", text).group(1)) / 1024

    def cpu(self):
        stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        for _ in range(100):
            self.pump(0.05)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def real(assets, pods, work):
    """A control plane with one kwok node and a deployment of so many two-container pods."""
    subprocess.run([CONTROL / "up.sh", assets, work, "26643"], check=True, stdout=subprocess.DEVNULL)
    kubeconfig = f"{work}/admin.kubeconfig"
    container = {"image": "registry.example/app:1", "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}}, "env": [{"name": f"SETTING_{i}", "value": f"value-{i}"} for i in range(12)]}
    objects = [
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "kwok-0", "annotations": {"kwok.x-k8s.io/node": "fake"}},
         "status": {"allocatable": {"cpu": "10000", "memory": "100Ti", "pods": "50000"}, "capacity": {"cpu": "10000", "memory": "100Ti", "pods": "50000"}}},
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "load"}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "load", "namespace": "load"},
         "spec": {"replicas": pods, "selector": {"matchLabels": {"app": "load"}},
                  "template": {"metadata": {"labels": {"app": "load"}}, "spec": {"containers": [dict(container, name="main"), dict(container, name="side")]}}}},
    ]
    kubectl = [f"{assets}/kubectl", f"--kubeconfig={kubeconfig}"]
    subprocess.run([*kubectl, "apply", "-f", "-"], input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), text=True, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*kubectl, "-n", "load", "wait", "--for=condition=Available", "deploy/load", "--timeout=900s"], check=True, stdout=subprocess.DEVNULL)
    return kubeconfig, lambda: subprocess.run([CONTROL / "down.sh", work], check=False)


def demo(binary, pods, work):
    """The embedded cluster with so many pods."""
    kubeconfig = f"{work}/demo.kubeconfig"
    server = subprocess.Popen([binary, "demo", "serve", "--pods", str(pods), "--still", "--kubeconfig", kubeconfig], stdout=subprocess.DEVNULL)
    for _ in range(600):
        if os.path.exists(kubeconfig):
            break
        time.sleep(0.1)
    return kubeconfig, lambda: (server.terminate(), server.wait(10))


def updates(kubeconfig, stop, rate=100):
    """Patches an annotation of one pod after another, `rate` times a second, until `stop` is set. Returns how many."""
    import base64
    text = pathlib.Path(kubeconfig).read_text()
    host, port = re.search(r"https://([\d.]+):(\d+)", text).groups()
    token = re.search(r"token: \"?([^\"}\s]+)", text).group(1)
    data = re.search(r"certificate-authority-data: \"?([^\"}\s]+)", text)
    path = re.search(r"certificate-authority: \"?([^\"}\s]+)", text)
    context = ssl.create_default_context(cadata=base64.b64decode(data.group(1)).decode()) if data else ssl.create_default_context(cafile=path.group(1))
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=30)
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/merge-patch+json"}
    connection.request("GET", "/api/v1/namespaces/load/pods?limit=200", headers=head)
    names = [i["metadata"]["name"] for i in json.loads(connection.getresponse().read())["items"]]
    count, began = 0, time.monotonic()
    while not stop.is_set():
        body = json.dumps({"metadata": {"annotations": {"bench/tick": str(count)}}})
        connection.request("PATCH", f"/api/v1/namespaces/load/pods/{names[count % len(names)]}", body, head)
        connection.getresponse().read()
        count += 1
        time.sleep(max(0, began + count / rate - time.monotonic()))
    return count


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--bin", default=str(HERE.parent / "target/release/kopilot-tui"))
    args.add_argument("--pods", type=int, default=10000)
    args.add_argument("--demo", action="store_true", help="the embedded cluster even where there is a real one")
    options = args.parse_args()
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    with tempfile.TemporaryDirectory() as work:
        on_real = bool(assets) and not options.demo
        kubeconfig, end = real(assets, options.pods, work) if on_real else demo(options.bin, options.pods, work)
        try:
            rows = measure(options, kubeconfig, work)
        finally:
            end()
    print(f"{options.pods:,} pods, {'a real control plane with kwok' if on_real else 'the embedded cluster'}, 180×50, one run\n")
    print(f"{'':28}{'kopilot-tui':>14}{'k9s 0.51':>12}{'sofka 0.34':>12}")
    peers = {name: figures for name, *figures in PEERS}
    for name, figure in rows:
        k9s, sofka = peers.get(name, ("", ""))
        print(f"{name:28}{figure:>14}{k9s:>12}{sofka:>12}")


def measure(options, kubeconfig, work):
    env = {"KUBECONFIG": kubeconfig, "TERM": "xterm-256color", "LANG": "C.UTF-8", "KOPILOT_STATE_DIR": f"{work}/state", "XDG_CONFIG_HOME": f"{work}/config"}
    for name in ("SSH_CONNECTION", "SSH_TTY", "TMUX", "NO_COLOR"):
        os.environ.pop(name, None)
    screen = Screen([options.bin, "-n", "load"], env)
    try:
        started = screen.started
        shown = screen.wait(r"PODS|NORMAL", 20)
        first = screen.wait(r"load-[0-9a-z]+-[0-9a-z]+", 60)
        whole = screen.wait(f"LIVE · {options.pods:,} pods", 120)
        screen.settle()
        rss, peak = screen.status("VmRSS"), screen.status("VmHWM")
        before, t0 = screen.cpu(), time.monotonic()
        idle_bytes = pump_for(screen, 10)
        idle_cpu = (screen.cpu() - before) / (time.monotonic() - t0) * 100
        pressed = [screen.key(b"j") for _ in range(20)]
        times = sorted(ms for _, ms in pressed)
        stop, counted = threading.Event(), []
        thread = threading.Thread(target=lambda: counted.append(updates(kubeconfig, stop)))
        thread.start()
        screen.pump(1)
        before, t0 = screen.cpu(), time.monotonic()
        churn_bytes = pump_for(screen, 10)
        busy = (screen.cpu() - before) / (time.monotonic() - t0) * 100
        stop.set()
        thread.join(10)
        return [
            ("first frame, ms", f"{(shown - started) * 1000:,.0f}"), ("first rows, ms", f"{(first - started) * 1000:,.0f}"), ("all rows, ms", f"{(whole - started) * 1000:,.0f}"),
            ("memory, MiB", f"{rss:,.0f}"), ("peak memory, MiB", f"{peak:,.0f}"), ("idle CPU, %", f"{idle_cpu:.1f}"), ("idle bytes/s", f"{idle_bytes / 10:.0f}"),
            ("key to output p50, ms", f"{times[10]:.1f}"), ("key to output max, ms", f"{times[-1]:.1f}"), ("bytes for 20 × j", f"{sum(b for b, _ in pressed):,}"),
            ("updates sent", f"{counted[0] if counted else 0:,}"), ("CPU at 100 updates/s, %", f"{busy:.1f}"), ("bytes/s meanwhile", f"{churn_bytes / 10:,.0f}"),
        ]
    finally:
        screen.end()


def pump_for(screen, seconds):
    """Reads for exactly so long; returns the bytes that came."""
    end, total = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        total += screen.pump(min(left, 0.25))[0]
    return total


if __name__ == "__main__":
    sys.exit(main())
