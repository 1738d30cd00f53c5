import ArgumentParser
import Glibc
import HTTPAPI
import Ingest
import Logging
import MarketData
import ServiceLifecycle
import Telemetry
import TickerStore
import UnixSignals

/// `kasparro run`: load the sources once, without a server or through the one that runs.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load the sources once and exit: 0 when all of them came in, 1 when not.",
        discussion: """
            While a server has the data directory open, it does the run, and this command waits for the end; then an interrupt ends the waiting,
            not the run.
              kasparro run --source csv
              curl 'http://127.0.0.1:8080/data?limit=5'
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var keeping: KeepingOptions

    @Option(name: .long, help: ArgumentHelp("Only this source.", valueName: "name"), completion: .sources)
    var source: String?

    @Flag(name: .long, help: "Believe the machine's clock although earlier fetches were later; without a server.")
    var acceptClock = false

    @Flag(name: .long, help: "Print the run's record as JSON, as /runs/{id} shows it.")
    var json = false

    func run() async throws {
        var configuration = try Configuration(common.given, keeping.given)
        let screen = TerminalScreen(environment: configuration.environment)
        let format = try Settings.logFormat.resolve(configuration)
        let display = ProgressDisplay(screen: screen, isSilent: format == .json)
        // What the log would say of a run that goes well is on the screen.
        if screen != nil, !Settings.logLevel.isGiven(configuration) { configuration.options[Settings.logLevel.key] = Logger.Level.warning.rawValue }
        let parts: Composition
        do {
            parts = try Composition(configuration, holder: LockText.make(command: "run"), screen: screen)
        } catch let failure as CommandFailure where failure.code == .locked {
            let directory = try Settings.dataDirectory.resolve(configuration)
            guard let server = try await RunningServer.find(directory) else {
                throw StoreDoor.unanswered(StoreError(.locked, failure.message), directory)
            }
            return try await runBeside(server, display)
        }
        try await runAlone(parts, display)
    }

    private func runAlone(_ parts: Composition, _ display: ProgressDisplay) async throws {
        parts.alerts?.start()
        let ticket: RefreshTicket
        do throws(RefreshError) {
            if acceptClock { parts.runs.acceptClock() }
            ticket = try parts.runs.refresh(trigger: "cli", source: source)
        } catch {
            try? parts.store.close()
            throw CommandFailure(error)
        }
        let single = SingleRun(runs: parts.runs, runID: ticket.runID)
        var group = ServiceGroupConfiguration(
            services: [.init(service: single, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "kasparro", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        group.maximumGracefulShutdownDuration = .seconds(20)
        let watching = Task { await Self.watch(ticket.runID, of: parts.runs, display) }
        defer { watching.cancel() }
        try await ServiceGroup(configuration: group).run()
        // What comes now is the seal, and mail perhaps.
        SecondSignal.arm()
        watching.cancel()
        await watching.value
        let record = parts.runs.recentRun(id: ticket.runID)
        // What it loaded is to be seen in the segments; what cannot be sealed now is safe in the log.
        try? await OwnThread.run { [store = parts.store] () throws(StoreError) in try store.seal() }
        try await OwnThread.run { try parts.closeStore(sendingAlertsFor: Self.alertSeconds) }
        guard let record else { throw CommandFailure(.failure, "the run \(ticket.runID) has no record") }
        try report(Self.document(record, includingBatches: true), parts.dataDirectory)
    }

    /// Shows how far a run of this process is until the task is cancelled.
    private static func watch(_ runID: String, of runs: RunService, _ display: ProgressDisplay) async {
        var display = display
        func progress() -> RunProgress? {
            guard let record = runs.recentRun(id: runID), let document = try? document(record, includingBatches: false) else { return nil }
            return RunProgress(document, waits: .init(runs.sources()), now: Timestamp(milliseconds: currentMilliseconds()))
        }
        while !Task.isCancelled {
            if let progress = progress() { display.show(progress) }
            try? await Task.sleep(for: ProgressDisplay.interval)
        }
        display.end(progress())
    }

    /// A run as `/runs/{id}` would show it: what is told of it is told from the same, with and without a server.
    private static func document(_ record: RunRecord, includingBatches: Bool) throws -> JSONValue {
        var writer = JSONWriter()
        writer.beginObject()
        record.appendMembers(to: &writer, includingBatches: includingBatches)
        writer.endObject()
        return try JSONDocument(parsing: writer.bytes).root
    }

    /// Starts a run of the server, or joins the one that goes on, and asks until it has ended.
    private func runBeside(_ server: RunningServer, _ display: ProgressDisplay) async throws {
        if acceptClock { throw CommandFailure(.locked, "a server is running; stop it, then run this again") }
        let ticket = try await server.post("/refresh", query: source.map { [("source", $0)] } ?? [])
        guard let runID = ticket.member("run_id")?.string else {
            throw CommandFailure(.failure, "the server named no run; is it of another version?")
        }
        var display = display
        // What was shown is taken away whatever happens.
        defer { display.end(nil) }
        while true {
            let run = try await server.get("/runs/\(runID)")
            let waits = [String: RunProgress.State](try await server.get("/stats"))
            guard let progress = RunProgress(run, waits: waits, now: Timestamp(milliseconds: currentMilliseconds())) else {
                throw RunningServer.unreadable("run \(runID)")
            }
            if run.member("status")?.string != RunRecord.Status.running.rawValue {
                display.end(progress)
                return try report(run, server.dataDirectory)
            }
            display.show(progress)
            try await Task.sleep(for: ProgressDisplay.interval)
        }
    }

    /// How long alerts may take before the process ends.
    private static let alertSeconds = 35

    /// Prints what came of a run.
    private func report(_ run: JSONValue, _ dataDirectory: String) throws {
        guard let summary = RunSummary(run) else { throw RunningServer.unreadable("run") }
        print(json ? jsonText { $0.members(of: run, but: ["request_id", "api_latency_ms"]) } : summary.text(dataDirectory: dataDirectory))
        if summary.status != RunRecord.Status.success.rawValue {
            throw CommandFailure(.failure, "run \(summary.runID) ended as \(summary.status)")
        }
    }
}

extension CommandFailure {
    /// Why a source cannot be loaded, or looked at.
    init(_ error: RefreshError) {
        switch error {
        case .unknownSource(let name, let known):
            let nearest = NearestName.of(name, among: known).map { "; did you mean \($0)?" } ?? ""
            self.init(.usage, "there is no source “\(name)”; known are \(known.joined(separator: ", "))\(nearest)")
        case .busy(let runID): self.init(.failure, "run \(runID) goes on; type this again when it has ended")
        case .nothingWaits: self.init(.failure, "no quarantined record is meant by that")
        case .draining: self.init(.failure, "the process is stopping")
        case .clock(let reason): self.init(.failure, "no run was started: \(reason)")
        case .storeUnavailable(let reason), .noThread(let reason): self.init(.failure, reason)
        }
    }
}

/// Lives as long as one run; a signal interrupts it.
private struct SingleRun: Service {
    let runs: RunService
    let runID: String

    func run() async throws {
        await withGracefulShutdownHandler {
            while await runs.wait(for: runID, atMost: 3_600) == RunRecord.Status.running.rawValue {}
        } onGracefulShutdown: {
            SecondSignal.arm()
            Task { await runs.drain(atMost: 15) }
        }
    }
}
