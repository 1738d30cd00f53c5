import Glibc
import Logging
import MarketData
import Synchronization

@testable import Ingest
@testable import TickerStore

/// A data directory of its own with an inbox, a clock that moves only by being asked, and a run service on them.
final class Workbench {
    let path: String
    let clock = MockClock()
    var sources: [SourceDefinition]
    var environment: IngestEnvironment
    private(set) var store: Store
    private(set) var runs: RunService
    private let options: StoreOptions
    /// The log files, also those that were sealed meanwhile.
    private let keptLogs: String

    /// - Parameters:
    ///   - disk: What the store and the sources see.
    ///   - storeNow: The store's clock; nil: that of the bench.
    init(sources: [SourceDefinition]? = nil, disk: any FileSystem = PosixFileSystem(), storeNow: (@Sendable () -> Int64)? = nil) throws {
        var template = Array("/tmp/kasparro-ingest-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
        self.path = path
        let keptLogs = path + ".kept"
        mkdir(keptLogs, 0o700)
        self.keptLogs = keptLogs
        self.sources = sources ?? [BuiltInSources.csv(inbox: path + "/inbox", extraFile: nil)]
        environment = clock.environment
        environment.fileSystem = disk
        // What the bench fetches must not be older than raw records are kept.
        var options = StoreOptions(now: storeNow ?? { [clock] in clock.wall })
        options.monotonic = storeNow ?? { [clock] in clock.wall }
        options.beforeSync = { _ in
            for name in (try? PosixFileSystem().list(path + "/wal")) ?? [] { link(path + "/wal/" + name, keptLogs + "/" + name) }
        }
        self.options = options
        store = try Store(path: path, fileSystem: disk, options: options)
        runs = try RunService(store: store, sources: self.sources, environment: environment)
    }

    deinit {
        try? store.close()
        _ = Self.removeTree(path)
        _ = Self.removeTree(keptLogs)
    }

    /// Stops and starts again.
    func restart() throws {
        try store.close()
        store = try Store(path: path, fileSystem: environment.fileSystem, options: options)
        runs = try RunService(store: store, sources: sources, environment: environment)
    }

    func put(_ name: String, _ text: String) throws { try put(name, Array(text.utf8)) }

    func put(_ name: String, _ bytes: [UInt8]) throws {
        let disk = PosixFileSystem()
        let target = path + "/inbox/" + name
        if try disk.status(target) != nil { try disk.remove(target) }
        try disk.open(target, .createNew).write(all: bytes, at: 0)
    }

    /// One whole run.
    func run(source: String? = nil) async throws -> RunRecord {
        let ticket = try runs.refresh(trigger: "manual", source: source)
        while await runs.wait(for: ticket.runID, atMost: 60) == "running" {}
        return runs.recentRun(id: ticket.runID)!
    }

    /// Takes over the state that another bench had when its run had committed so many batches and was killed; the rows stay behind.
    ///
    /// - Parameter key: How the keys of the checkpoints begin.
    func adopt(_ other: Workbench, batches: Int, of run: RunRecord, key: String = "source-file/") throws {
        var state = Batch(origin: BatchOrigin(runID: run.runID, number: 0, source: "", fetchedAt: .earliest))
        let progress = other.history.filter { $0.key.hasPrefix(key) }[batches - 1]
        let changes =
            [RunState.start(run)] + run.batches.prefix(batches).map { RunState.batch($0, sequence: run.sequence) }
            + [progress]
        state.state = { _ in changes }
        _ = try store.commit(state)
        try restart()
    }

    /// How often each combination of reasons brought a record into quarantine.
    var quarantineReasons: [String: Int] {
        var counts: [String: Int] = [:]
        for type in [LogRecordType.quarantine, .headedQuarantine] {
            for payload in history(of: type.rawValue) {
                payload.withUnsafeBytes { bytes in
                    for record in try! QuarantinePayload.decode(bytes, isHeaded: type == .headedQuarantine).records {
                        counts[String(decoding: bytes[record.reasons], as: UTF8.self), default: 0] += 1
                    }
                }
            }
        }
        return counts
    }

    /// Every change of the state so far, read from the log.
    var history: [StateChange] { history(of: 4).flatMap { payload in payload.withUnsafeBytes { try! StatePayload.decode($0) } } }

    /// The payloads of all log records of a type so far.
    func history(of type: UInt8) -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        for name in try! PosixFileSystem().list(keptLogs) {
            let path = keptLogs + "/" + name
            var reader = try! LogFileReader(file: PosixFileSystem().open(path, .read), path: path)
            while case .record(let header, let payload, _) = try! reader.next() {
                if header.type == type { payloads.append(Array(payload)) }
            }
        }
        return payloads
    }

    /// All rows' lines, in ascending order.
    func lines() throws -> [String] {
        var query = RowQuery()
        query.direction = .ascending
        query.limit = 100_000
        let page = try store.snapshot().page(query)
        var start = 0
        return page.ends.map { end in
            defer { start = end }
            return String(decoding: page.bytes[start..<end], as: UTF8.self)
        }
    }

    @discardableResult static func removeTree(_ path: String) -> Bool {
        let disk = PosixFileSystem()
        for name in (try? disk.list(path)) ?? [] where !removeTree(path + "/" + name) { return false }
        return Glibc.remove(path) == 0
    }
}

extension RunService {
    /// What the scheduler does first; nil when nothing is due.
    func refreshAtStart(intervalMilliseconds: Int64) throws(RefreshError) -> RefreshTicket? {
        let due = dueAtStart(every: intervalMilliseconds)
        guard !due.isEmpty, try load(due, trigger: "start"), let runID = latestRunID else { return nil }
        return RefreshTicket(runID: runID, alreadyRunning: false, preRunCounts: RunCounts(raw: 0, normalized: 0))
    }
}

extension RunRecord {
    /// A run that has just begun, for tests of what happens inside one.
    static func begun(over source: String) -> RunRecord {
        RunRecord(
            sequence: 1,
            runID: "etl_test",
            trigger: "manual",
            source: source,
            sources: [source],
            startedAt: .earliest,
            preRunCounts: RunCounts(raw: 0, normalized: 0)
        )
    }
}

/// 2026-01-01, and 400 ms later each time somebody looks, so that pauses end without waiting for them.
final class MockClock: Sendable {
    private let time = Mutex<Int64>(0)

    func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }

    /// Milliseconds since 1970, without moving.
    var wall: Int64 { 1_767_225_600_000 + time.withLock { $0 } }

    var environment: IngestEnvironment {
        var environment = IngestEnvironment(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        environment.now = { [self] in
            let passed = time.withLock {
                $0 += 400; return $0
            }
            return Moment(wall: 1_767_225_600_000 + passed, monotonic: passed)
        }
        return environment
    }
}

let seedHeader = "ticker,usd_price,tx_volume,time,source\n"
