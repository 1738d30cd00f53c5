import ArgumentParser
import HTTPAPI
import Ingest
import Logging
import MarketData
import ServiceLifecycle
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

    @Option(name: .long, help: ArgumentHelp("Only this source.", valueName: "name"))
    var source: String?

    @Flag(name: .long, help: "Believe the machine's clock although earlier fetches were later; without a server.")
    var acceptClock = false

    @Flag(name: .long, help: "Print the run's record as JSON, as /runs/{id} shows it.")
    var json = false

    func run() async throws {
        let configuration = try Configuration(file: common.config, environment: ProcessEnvironment.variables)
        let parts: Composition
        do {
            parts = try Composition(common, keeping: keeping, configuration, holder: LockText.make(command: "run"))
        } catch let failure as CommandFailure where failure.code == .locked {
            let directory = try Settings.dataDirectory.resolve(common.dataDir, configuration)
            guard let server = try await RunningServer.find(directory) else {
                throw StoreDoor.unanswered(StoreError(.locked, failure.message), directory)
            }
            return try await runBeside(server)
        }
        try await runAlone(parts)
    }

    private func runAlone(_ parts: Composition) async throws {
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
        try await ServiceGroup(configuration: group).run()
        let record = parts.runs.recentRun(id: ticket.runID)
        // What it loaded is to be seen in the segments; what cannot be sealed now is safe in the log.
        try? await OwnThread.run { [store = parts.store] () throws(StoreError) in try store.seal() }
        try parts.closeStore()
        guard let record else { throw CommandFailure(.failure, "the run \(ticket.runID) has no record") }
        try report(RunSummary(record), json: jsonText { record.appendMembers(to: &$0, includingBatches: true) })
    }

    /// Starts a run of the server, or joins the one that goes on, and asks until it has ended.
    private func runBeside(_ server: RunningServer) async throws {
        if acceptClock { throw CommandFailure(.locked, "a server is running; stop it, then run this again") }
        var query = [(name: "wait", value: "\(Self.waitSeconds)")]
        if let source { query.append(("source", source)) }
        let ticket = try await server.post("/refresh", query: query)
        guard let runID = ticket.member("run_id")?.string else {
            throw CommandFailure(.failure, "the server named no run; is it of another version?")
        }
        while true {
            let record = try await server.get("/runs/\(runID)")
            guard let summary = RunSummary(record) else { throw CommandFailure(.failure, "the server's record of run \(runID) cannot be read") }
            if summary.status != RunRecord.Status.running.rawValue {
                return try report(summary, json: jsonText { $0.members(of: record, but: ["request_id", "api_latency_ms"]) })
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// How long one request waits for the run; the most that `/refresh` takes.
    private static let waitSeconds = 300

    private func report(_ summary: RunSummary, json text: String) throws {
        print(json ? text : summary.text)
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
        case .draining: self.init(.failure, "the process is stopping")
        case .clock(let reason): self.init(.failure, "no run was started: \(reason)")
        case .storeUnavailable(let reason): self.init(.failure, reason)
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
            Task { await runs.drain(atMost: 15) }
        }
    }
}
