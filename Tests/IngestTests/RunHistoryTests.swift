import Glibc
import MarketData
import Synchronization
import TestSupport
import Testing

@testable import Ingest
@testable import TickerStore

/// What becomes of runs after their end.
@Suite struct RunHistoryTests {
    private static func record(_ sequence: Int, sources: [String] = ["csv"], status: RunRecord.Status = .success) -> RunRecord {
        let start = Timestamp(milliseconds: 1_700_000_000_000 + Int64(sequence) * 60_000)
        var record = RunRecord(
            sequence: sequence,
            runID: RunID.make(at: start, suffix: "\(100_000 + sequence)"),
            trigger: "manual",
            source: "all",
            sources: sources,
            startedAt: start,
            preRunCounts: RunCounts(raw: 1, normalized: 2)
        )
        record.status = status
        record.completedAt = Timestamp(milliseconds: start.milliseconds + 7)
        return record
    }

    private static func commit(_ store: Store, lines runs: [RunRecord] = [], _ changes: [StateChange] = []) throws {
        var batch = Batch(origin: BatchOrigin(runID: "", number: 0, source: "", fetchedAt: .earliest))
        batch.records = runs.map { LineRecord(family: .runs, position: Int64($0.sequence), line: $0.line) }
        batch.state = { _ in changes }
        _ = try store.commit(batch)
    }

    private static func runKeys(_ store: Store) -> [String] { store.openingState.map(\.key).filter { $0.hasPrefix(RunState.prefix) } }

    /// The whole list, page by page.
    private static func walk(_ runs: RunService, limit: Int, status: String? = nil, source: String? = nil) throws -> [Int] {
        var sequences: [Int] = []
        var next: Int?
        repeat {
            let page = try runs.list(limit: limit, before: next, status: status, source: source)
            #expect(page.runs.count <= limit)
            sequences += page.runs.map(\.sequence)
            next = page.next
        } while next != nil
        return sequences
    }

    @Test func aFinishedRunLeavesTheStateAndIsFoundAgain() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp,junk\nA,1,2024-12-15,x\nB,bad,2024-12-15,x\n")
        let run = try await bench.run()
        try bench.restart()
        #expect(Self.runKeys(bench.store).isEmpty)
        #expect(try bench.runs.run(id: run.runID)?.line == run.line)
        #expect(try bench.runs.list(limit: 5, before: nil, status: nil, source: nil).runs.map(\.line) == [run.line])
        #expect(try bench.runs.run(id: "etl_20260101_000000_nobody") == nil)
        let line = try JSONDocument(parsing: bench.store.snapshot().records(.runs, limit: 9)[0].line).root
        #expect(line.member("sequence")?.integer == 1 && line.member("batches")?.count == 1 && line.member("batches_total")?.integer == 1)
    }

    @Test func aLineSaysEverythingThatARecordDoes() throws {
        var record = Self.record(3, sources: ["csv", "coinpaprika"], status: .failed)
        record.append(
            .init(number: 4, source: "csv", rows: 9, inserted: 1, updated: 2, skipped: 3, quarantined: 1, tooOld: 2, durationMilliseconds: 5)
        )
        record.errors = [.init(source: "csv", type: .interrupted, message: "a\"\n\u{2028}b", at: .earliest)]
        record.failedBatches = [.init(number: 5, source: "csv", error: "full")]
        record.unmappedFields = [.init(source: "csv", field: "junk")]
        (record.remembered, record.throttleEvents, record.collisions) = (11, 12, 13)
        record.rememberedBySource = ["csv": 4, "coinpaprika": 7]
        record.resumeFrom = .init(batch: 4, runID: "etl_before", source: "csv", sources: ["csv"])
        let line = record.line
        let back = try #require(RunRecord(line: line))
        #expect(back.line == line && !line.contains(0x0A))
        #expect(
            back.sequence == 3 && back.preRunCounts == record.preRunCounts && back.resumeFrom == record.resumeFrom && back.totals == record.totals
        )
        #expect(back.wasInterrupted && back.nextBatchNumber == 5 && back.unfinishedSource == "csv" && back.skipped == 14 && back.throttleEvents == 12)
        #expect(back.rememberedBySource == record.rememberedBySource && back.totals["csv"]?.skipped == 3)
        let sources = try JSONDocument(parsing: line).root.member("by_source")
        let (csv, api) = (sources?.member("csv"), sources?.member("coinpaprika"))
        #expect(csv?.member("skipped")?.integer == 7 && csv?.member("duplicates")?.integer == 3 && api?.member("skipped")?.integer == 7)
        #expect(back.errors == record.errors && back.failedBatches == record.failedBatches && back.collisions == 13)
    }

    @Test func errorsBeyondAThousandAreCounted() async throws {
        let bench = try Workbench()
        for number in 0..<1_003 { symlink("nowhere", bench.path + "/inbox/\(number).csv") }
        let run = try await bench.run()
        #expect(run.errors.count == 1_000 && run.errorsLeftOut == 3 && bench.runs.statistics().healthErrors == 1_003)
        let back = try #require(RunRecord(line: run.line))
        #expect(back.errorsLeftOut == 3 && back.line == run.line)
        #expect(try JSONDocument(parsing: run.line).root.member("stats")?.member("errors")?.integer == 1_003)
    }

    @Test func errorsThatAreCutFromALongLineAreCounted() throws {
        var record = Self.record(1, sources: ["csv"], status: .failed)
        let message = String(repeating: "\u{1}", count: 1_000)
        record.errors = Array(repeating: .init(source: "csv", type: .data, message: message, at: .earliest), count: 1_000)
        let back = try #require(RunRecord(line: record.line))
        #expect(back.errors.count == 500 && back.errorCount == 1_000)
    }

    @Test func runsArePagedOnceEachAcrossMemoryAndStore() async throws {
        let bench = try Workbench()
        let old = (1...250).map { Self.record($0, sources: $0 % 60 == 1 ? ["csv", "rare"] : ["csv"], status: $0 % 100 == 7 ? .failed : .success) }
        var counters = RunCounters()
        for run in old { counters.add(run) }
        try Self.commit(bench.store, lines: Array(old[..<180]))
        try bench.store.seal()
        try Self.commit(bench.store, lines: Array(old[180...]), [counters.change])
        try bench.restart()
        for _ in 0..<3 { _ = try await bench.run() }
        for limit in [7, 100, 300] { #expect(try Self.walk(bench.runs, limit: limit) == (1...253).reversed(), "limit \(limit)") }
        #expect(try Self.walk(bench.runs, limit: 2, source: "rare") == [241, 181, 121, 61, 1])
        #expect(try Self.walk(bench.runs, limit: 3, status: "failed") == [207, 107, 7])
        #expect(try Self.walk(bench.runs, limit: 1, status: "partial_success").isEmpty)
        for run in old { #expect(try bench.runs.run(id: run.runID)?.sequence == run.sequence) }
    }

    @Test func aRunFromAClockThatWasSetBackIsFoundByItsID() throws {
        let bench = try Workbench()
        var old = (1...300).map { Self.record($0) }
        let early = RunID.make(at: .earliest, suffix: "abcdef")
        old[149].runID = early
        try Self.commit(bench.store, lines: old)
        try bench.restart()
        #expect(try bench.runs.run(id: early)?.sequence == 150)
    }

    @Test func aFilterThatNothingMeetsReadsOnlySoMuchAtOnce() throws {
        let bench = try Workbench()
        for chunk in 0..<3 { try Self.commit(bench.store, lines: (1...4_000).map { Self.record(chunk * 4_000 + $0) }) }
        try bench.store.seal()
        try bench.restart()
        let page = try bench.runs.list(limit: 10, before: nil, status: "failed", source: nil)
        #expect(page.runs.isEmpty && page.next != nil, "a cursor instead of a long wait")
        #expect(try bench.runs.list(limit: 10, before: page.next, status: "failed", source: nil).next == nil)
    }

    @Test func countersSurvive() async throws {
        let bench = try Workbench(sources: [RunTests.dead])
        bench.sources.append(BuiltInSources.csv(inbox: bench.path + "/inbox", extraFile: nil))
        try bench.restart()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\nB,1,2024-12-15\n")
        _ = try await bench.run(source: "csv")
        let good = try await bench.run(source: "csv")
        // More failures than memory holds.
        let last = bench.runs.statistics()
        try Self.commit(bench.store, lines: (3...120).map { Self.record($0, status: .failed) })
        try bench.restart()
        let bad = try await bench.run(source: "coinpaprika")
        try bench.restart()
        let statistics = bench.runs.statistics()
        #expect(bad.sequence == 121 && bad.status == .failed)
        #expect(statistics.totalDuplicatePrevention == 2 && last.totalDuplicatePrevention == 2)
        #expect(statistics.lastSuccessfulRunID == good.runID)
        #expect(try await bench.run(source: "csv").sequence == 122)
    }

    @Test func aKilledRunIsResumedFromItsLine() async throws {
        let bench = try Workbench()
        let killed = Self.record(7)
        try Self.commit(bench.store, [RunState.start(killed), RunState.batch(.init(number: 1, source: "csv", rows: 10, inserted: 10), sequence: 7)])
        for _ in 0..<3 { try bench.restart() }
        #expect(Self.runKeys(bench.store).isEmpty)
        let next = try await bench.run()
        #expect(next.sequence == 8 && next.resumeFrom == .init(batch: 2, runID: killed.runID, source: "csv", sources: ["csv"]), "\(next)")
        #expect(try await bench.run().resumeFrom == nil)
    }

    @Test func anOldStateIsMovedWholeWhereverTheMoveIsKilled() throws {
        let old = try Workbench()
        var changes: [StateChange] = []
        for sequence in 1...3 {
            changes.append(RunState.start(Self.record(sequence)))
            changes.append(RunState.batch(.init(number: 1, source: "csv", rows: 5, skipped: 5), sequence: sequence))
            let end = #"{"status":"success","completed_at":"2024-12-15T14:30:00Z","remembered":2,"sources":["csv","late"],"errors":[]}"#
            changes.append(StateChange(key: RunState.endKey(sequence), value: Array(end.utf8)))
        }
        try Self.commit(old.store, changes)
        try old.store.close()
        let commits = Mutex(0)
        var options = StoreOptions(logFileBytes: 1 << 20)
        options.beforeSync = { [path = old.path] _ in
            let number = commits.withLock {
                $0 += 1
                return $0
            }
            Self.copyTree(path, to: path + ".killed\(number)")
        }
        let store = try Store(path: old.path, options: options)
        var recovery = RunRecovery(store: store, environment: old.environment, bytesPerCommit: 1)
        try recovery.perform()
        try store.close()
        #expect(commits.withLock { $0 } == 3)
        for commit in 1...3 {
            let image = old.path + ".killed\(commit)"
            defer { Workbench.removeTree(image) }
            for _ in 0..<2 {
                let store = try Store(path: image)
                let runs = try RunService(store: store, sources: old.sources, environment: old.environment)
                #expect(try Self.walk(runs, limit: 2) == [3, 2, 1], "killed at commit \(commit)")
                #expect(runs.statistics().totalDuplicatePrevention == 21 && runs.latestRunID == Self.record(3).runID)
                #expect(runs.recentRun(id: Self.record(2).runID)?.sources == ["csv", "late"])
                try store.close()
            }
            let store = try Store(path: image)
            #expect(Self.runKeys(store).isEmpty)
            try store.close()
        }
    }

    @Test func aFullDiskKeepsNeitherTheServerFromStartingNorTheRunFromBeingEndedLater() async throws {
        let old = try Workbench()
        try Self.commit(old.store, [RunState.start(Self.record(7))])
        try old.store.close()
        var options = StoreOptions(logFileBytes: 1 << 20)
        options.minimumFree = 1 << 60
        let full = try Store(path: old.path, options: options)
        let runs = try RunService(store: full, sources: old.sources, environment: old.environment)
        #expect(runs.recentRun(id: Self.record(7).runID)?.status == .failed, "the killed run is not closed")
        #expect(throws: RefreshError.self) { try runs.refresh(trigger: "manual", source: "csv") }
        #expect(Self.runKeys(full).isEmpty == false)
        try full.close()

        try old.restart()
        let next = try await old.run(source: "csv")
        #expect(next.sequence == 8 && old.runs.recentRun(id: Self.record(7).runID)?.status == .failed)
        try old.restart()
        #expect(Self.runKeys(old.store).isEmpty)
    }

    @Test func theStateOfALongRunStaysSmallAndGoesWithIt() throws {
        var record = Self.record(1)
        record.resumeFrom = .init(batch: 50, runID: "etl_before", source: "csv", sources: ["csv"])
        var state: [String: [UInt8]] = [:]
        func apply(_ changes: [StateChange]) { for change in changes { state[change.key] = change.value } }
        apply([RunState.start(record)])
        let ledger = RunLedger(record)
        for number in 50..<4_550 {
            let summary = RunRecord.BatchSummary(number: number, source: number % 2 == 0 ? "csv" : "other", rows: 10, inserted: 1)
            apply(ledger.changes(with: summary))
            // The store may ask again.
            if number % 3 == 0 { apply(ledger.changes(with: summary)) }
            record.append(summary)
        }
        #expect(state.count == 1_002)
        let sorted = state.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        let folded = try #require(RunState.leftovers(sorted).first)
        #expect(
            folded.run.totals == record.totals && folded.run.batchCount == 4_500 && folded.run.nextBatchNumber == 4_550 && folded.keys.count == 1_002
        )
        apply(RunState.removal(of: record))
        #expect(state.isEmpty)
        let back = try #require(RunRecord(line: record.line))
        #expect(back.totals == record.totals && back.batches.count == 1_000 && back.batches.last?.number == 4_549)
    }

    @Test func anEndThatFindsNoSpaceIsStoredWithTheNextRun() async throws {
        let disk = FillingDisk()
        // The store looks at the disk once a second: at each commit of this one.
        let time = Mutex<Int64>(1_767_225_600_000)
        let bench = try Workbench(disk: disk) {
            time.withLock {
                $0 += 2_000
                return $0
            }
        }
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\n")
        disk.fills.withLock { $0 = true }
        let failed = try await bench.run()
        #expect(failed.status == .failed && failed.errors.map(\.type) == [.store], "\(failed)")
        #expect(throws: RefreshError.self) { try bench.runs.refresh(trigger: "manual", source: nil) }
        disk.fills.withLock { $0 = false }
        disk.isFull.withLock { $0 = false }
        #expect(try await bench.run().inserted == 1)
        try bench.restart()
        #expect(try bench.runs.run(id: failed.runID)?.line == failed.line)
        #expect(Self.runKeys(bench.store).isEmpty)
        #expect(try Self.walk(bench.runs, limit: 10).count == 2)
    }

    @Test func aRunThatEndedIsInTheSegmentsSoon() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\n")
        _ = try await bench.run()
        // Behind the run's own request.
        try bench.store.seal()
        for family in ["tickers", "runs"] { #expect(try !PosixFileSystem().list(bench.path + "/segments/" + family).isEmpty, "\(family)") }
    }

    private static func copyTree(_ from: String, to: String) {
        mkdir(to, 0o700)
        let disk = PosixFileSystem()
        for name in (try? disk.list(from)) ?? [] where name != "LOCK" {
            guard let status = try? disk.status(from + "/" + name) else { continue }
            if status.kind == .directory {
                copyTree(from + "/" + name, to: to + "/" + name)
            } else if let bytes = try? disk.contents(from + "/" + name, limit: 128 << 20) {
                try? disk.open(to + "/" + name, .createNew).write(all: bytes, at: 0)
            }
        }
    }
}

/// A disk that is full from the moment when somebody opens a file of the inbox.
final class FillingDisk: FileSystemWrapper {
    let fills = Mutex(false)
    let isFull = Mutex(false)
    let disk: any FileSystem = PosixFileSystem()

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File {
        if path.contains("/inbox/"), fills.withLock({ $0 }) {
            isFull.withLock { $0 = true }
        }
        return try disk.open(path, mode)
    }
    func space(_ path: String) throws(FileError) -> DiskSpace {
        isFull.withLock { $0 } ? DiskSpace(free: 0, total: 1 << 40) : try disk.space(path)
    }
}
