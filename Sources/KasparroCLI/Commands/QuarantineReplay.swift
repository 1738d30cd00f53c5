import ArgumentParser
import HTTPAPI
import Ingest
import MarketData
import TickerStore

/// `kasparro quarantine replay`
struct QuarantineReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Try quarantined records again, with today's mapping and checks, in a run of its own. Exit 0: none of them is left, 1: some are.",
        discussion: """
            A record that becomes a row leaves the quarantine in the very commit that stores the row; what still cannot be one goes on waiting.
            No source is asked for anything. A row that was fetched after the record is not replaced.
              kasparro quarantine replay --source csv
              kasparro quarantine replay 3f9ac1
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var keeping: KeepingOptions

    @Argument(help: ArgumentHelp("Only these records; ids may be abbreviated.", valueName: "id"))
    var ids: [String] = []

    @Option(name: .long, help: ArgumentHelp("Records of this source.", valueName: "name"), completion: .sources)
    var source: String?

    @Option(name: .long, help: ArgumentHelp("Records with this among their reasons.", valueName: "reason"))
    var reason: String?

    @Flag(name: .long, help: "Print the run's record as JSON, as /runs/{id} shows it; its run_id is null when no record was meant.")
    var json = false

    func run() async throws {
        let configuration = try Configuration(common.given, keeping.given)
        let directory = try configuration.storeDirectory()
        let request = ReplayRequest(source: source, reason: reason, ids: try await wanted(directory))
        let door = RunsDoor(configuration: configuration, command: "quarantine replay")
        let record: JSONValue
        do {
            record = try await door.work { server in
                try await server.post("/admin/quarantine/replay", query: request.query)
            } alone: { runs throws(RefreshError) in
                try runs.replay(request).document
            }
        } catch RefreshError.nothingWaits {
            return tellNothing()
        } catch let error as RefreshError {
            throw CommandFailure(error)
        }
        if record.member("run_id")?.isNull == true { return tellNothing() }
        guard let summary = RunSummary(record) else { throw RunningServer.unreadable("replay") }
        if json {
            print(jsonText { $0.members(of: record, but: ["request_id", "api_latency_ms"]) })
        } else {
            print(summary.text(dataDirectory: directory))
        }
        let waiting = record.member("stats")?.member("quarantined")?.integer ?? 0
        if waiting > 0 { throw CommandFailure(.failure, "\(count(Int(waiting), "record")) could not become a row: still in quarantine") }
        if summary.status != RunRecord.Status.success.rawValue { throw CommandFailure(.failure, "run \(summary.runID) ended as \(summary.status)") }
    }

    /// There was nothing to try, so there was no run.
    private func tellNothing() {
        guard json else { return print("no quarantined record is meant by that; they are listed by: kasparro quarantine list") }
        print(
            jsonText { writer in
                writer.nullMember("run_id")
                writer.member("status", SourceOutcome.nothing.rawValue)
            }
        )
    }

    /// The whole ids; nil: all records.
    private func wanted(_ directory: String) async throws -> Set<RecordDigest>? {
        if ids.isEmpty { return nil }
        let door = try await QuarantineDoor.open(directory)
        var found: Set<RecordDigest> = []
        for id in ids { found.insert(try await door.record(id).id) }
        return found
    }
}

extension ReplayRequest {
    /// As query parameters of the admin route.
    fileprivate var query: [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if let source { query.append(("source", source)) }
        if let reason { query.append(("reason", reason)) }
        if let ids { query.append(("id", ids.map(\.hexadecimal).sorted().joined(separator: ","))) }
        return query
    }
}

extension RunRecord {
    /// As `/runs/{id}` shows it.
    fileprivate var document: JSONValue {
        var writer = JSONWriter()
        writer.beginObject()
        appendMembers(to: &writer, includingBatches: true)
        writer.endObject()
        guard let root = try? JSONDocument(parsing: writer.bytes).root else { preconditionFailure("a run's record is JSON") }
        return root
    }
}
