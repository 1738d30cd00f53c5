import MarketData
import TestSupport
import Testing

@testable import Ingest

/// Recorded files, each with the source that a user would declare for it.
@Suite(.enabled(if: Recordings.directory != nil, "no recordings on this machine"))
struct CSVRecordingsTests {
    @Test(arguments: RecordedSource.all) func everyRecordIsStoredOrWaitsWithAReason(recorded: RecordedSource) async throws {
        let bench = try Workbench()
        // Behind the newest recording.
        bench.clock.advance(200 * 86_400_000)
        try bench.declare { source in
            let inbox = source.inbox
            source = recorded.source
            source.inbox = inbox
        }
        for path in recorded.paths { try bench.put(String(path.split(separator: "/").last!), Recordings.read(path)) }
        let run = try await bench.run()
        let reasons = bench.quarantineReasons
        print("\(recorded.name): \(run.inserted) inserted, \(run.updated) updated, \(run.duplicates) same, \(run.quarantined) quarantined \(reasons)")
        for error in run.errors { print("    \(error.type.rawValue): \(error.message.prefix(300))") }
        #expect(!recorded.paths.isEmpty, "the recording is incomplete")
        #expect(run.extracted == run.inserted + run.updated + run.duplicates + run.quarantined, "\(run)")
        #expect(reasons.values.reduce(0, +) + recorded.repeated == run.quarantined, "\(reasons)")
        #expect(run.inserted + run.updated + run.duplicates == recorded.rows && run.quarantined == recorded.quarantined, "\(reasons)")
        #expect(run.status == recorded.status, "\(run.errors)")
        let again = try await bench.run()
        #expect(again.extracted == 0 && again.skipped == run.extracted, "nothing is read twice: \(again)")
    }

    @Test func everyFileMeetsTheDefaultSourceAndNoRecordIsLost() async throws {
        for path in Recordings.files(ending: ".csv") {
            let bench = try Workbench()
            try bench.put(String(path.split(separator: "/").last!), Recordings.read(path))
            let run = try await bench.run()
            let stored = run.inserted + run.updated + run.duplicates
            #expect(run.extracted == stored + run.quarantined, "\(path): \(run.extracted) read, \(stored) stored, \(run.quarantined) quarantined")
            #expect(run.extracted > 0 || !run.errors.isEmpty, "\(path): nothing read and nothing said")
        }
    }
}

/// One declared source, the recorded files that it is for, and what must come of them.
struct RecordedSource: Sendable, CustomTestStringConvertible {
    var name: String
    /// The recording's directory.
    var item: String
    var source: CSVSource
    var rows: Int
    var quarantined: Int
    /// Quarantined records that were there already.
    var repeated = 0
    /// What the run says of it.
    var status = RunRecord.Status.success

    var testDescription: String { name }

    var paths: [String] {
        let patterns = CSVSource.Patterns(source)
        return Recordings.files(ending: ".csv").filter { path in
            let parts = path.split(separator: "/")
            return parts[parts.count - 2] == item && source.takes(String(parts.last!), patterns)
        }
    }

    init(
        _ name: String,
        in item: String,
        pattern: String? = nil,
        excluding excluded: [String] = [],
        fields: [String: TickerField],
        rows: Int,
        quarantined: Int = 0,
        repeated: Int = 0,
        status: RunRecord.Status = .success,
        _ declare: (inout CSVSource) -> Void = { _ in }
    ) {
        self.name = name
        self.item = item
        self.rows = rows
        self.quarantined = quarantined
        self.repeated = repeated
        self.status = status
        source = CSVSource(inbox: "", pattern: pattern, excludedPatterns: excluded, declared: fields)
        declare(&source)
    }
}
