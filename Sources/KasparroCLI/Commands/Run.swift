import ArgumentParser
import Ingest
import Logging
import MarketData
import ServiceLifecycle
import TickerStore
import UnixSignals

/// `kasparro run`: load the sources once, without a server.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load the sources once and exit: 0 when all of them came in, 1 when not.",
        discussion: "The data directory must not be in use by a running server; ask that one with POST /refresh."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: ArgumentHelp("Only this source.", valueName: "name"))
    var source: String?

    @Flag(name: .long, help: "Print the run's record as JSON, as /runs/{id} shows it.")
    var json = false

    func run() async throws {
        let parts = try Composition(common, environment: ProcessEnvironment.variables)
        let ticket: RefreshTicket
        do throws(RefreshError) {
            ticket = try parts.runs.refresh(trigger: "cli", source: source)
        } catch {
            try? parts.store.close()
            throw Self.failure(error)
        }
        let single = SingleRun(runs: parts.runs, runID: ticket.runID)
        var group = ServiceGroupConfiguration(
            services: [.init(service: single, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "kasparro", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        group.maximumGracefulShutdownDuration = .seconds(20)
        try await ServiceGroup(configuration: group).run()
        let record = parts.runs.run(id: ticket.runID)
        try parts.closeStore()
        guard let record else { throw CommandFailure(.failure, "the run \(ticket.runID) has no record") }
        print(json ? Self.json(record) : RunSummary(record).text)
        if record.status != .success { throw CommandFailure(.failure, "run \(record.runID) ended as \(record.status.rawValue)") }
    }

    private static func failure(_ error: RefreshError) -> CommandFailure {
        switch error {
        case .unknownSource(let name, let known):
            let nearest = NearestName.of(name, among: known).map { "; did you mean \($0)?" } ?? ""
            return CommandFailure(.usage, "there is no source “\(name)”; known are \(known.joined(separator: ", "))\(nearest)")
        case .draining: return CommandFailure(.failure, "the process is stopping")
        case .storeUnavailable(let reason): return CommandFailure(.failure, reason)
        }
    }

    private static func json(_ record: RunRecord) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        record.appendMembers(to: &writer, includingBatches: true)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
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

/// A finished run in a few lines of text.
struct RunSummary {
    let record: RunRecord

    init(_ record: RunRecord) { self.record = record }

    var text: String {
        var lines = ["run \(record.runID): \(record.status.rawValue) in \(record.durationMilliseconds ?? 0) ms"]
        for source in record.sources {
            let batches = record.batches.filter { $0.source == source }
            func sum(_ field: (RunRecord.BatchSummary) -> Int) -> Int { batches.reduce(0) { $0 + field($1) } }
            lines.append(
                "  \(source): \(sum(\.rows)) read, \(sum(\.inserted)) new, \(sum(\.updated)) updated, \(sum(\.skipped)) skipped, \(sum(\.quarantined)) quarantined"
            )
        }
        if record.remembered > 0 { lines.append("  \(record.remembered) records of unchanged files were not read again") }
        for error in record.errors { lines.append("  error: \(error.source): \(error.message)") }
        return lines.joined(separator: "\n")
    }
}
