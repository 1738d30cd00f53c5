import MarketData
import Synchronization
import Testing

@testable import TickerStore

/// A store on a simulated disk, and beside it what it must hold.
final class StoreUnderTest {
    private(set) var disk: SimulatedFileSystem
    let options: StoreOptions
    private let clock: TestClock
    private(set) var engine: StoreEngine?
    /// What was acknowledged.
    private(set) var model = StoreModel()
    /// What was handed over and not answered yet, or answered with nobody knowing.
    private(set) var inFlight: [TestBatch] = []
    private var job: (any MaintenanceJob)?
    private var result: JobResult?
    private var copies = 0
    private let keepsForEver: Bool
    /// Told of each thing that is wrong.
    var report: (String) -> Void = { Issue.record("\($0)") }
    /// Jobs that were published, by kind.
    private(set) var published: [String: Int] = [:]

    /// - Parameter keepsForEver: Whether nothing is dropped by its age.
    init(keepsForEver: Bool = false) throws {
        let clock = TestClock()
        self.clock = clock
        self.keepsForEver = keepsForEver
        disk = SimulatedFileSystem()
        options = Self.options(clock, keepsForEver: keepsForEver)
        engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
    }

    /// Everything so small that all kinds of work happen often.
    private static func options(_ clock: TestClock, keepsForEver: Bool) -> StoreOptions {
        var options = StoreOptions.test(logFileBytes: 8_000)
        options.now = { clock.now }
        options.monotonic = { clock.now }
        options.sealRows = 40
        options.maximumSegmentRows = 60
        options.maximumGroupRows = 16
        options.minimumFree = 0
        options.blockCacheBytes = 4_096
        options.compaction.fanIn = 3
        options.compaction.largeRows = 54
        options.compaction.maximumOverlap = 2
        options.retention = Retention()
        if keepsForEver {
            options.retention.raw = nil
            options.retention.quarantine = nil
        } else {
            options.retention.rows = 1_200 * 86_400_000
            options.retention.raw = 20 * 86_400_000
            options.retention.quarantine = 30 * 86_400_000
        }
        return options
    }

    var now: Int64 { clock.now }
    /// Called before each operation that changes the disk.
    var willChange: ((String) -> Void)? {
        get { disk.willChange }
        set { disk.willChange = newValue }
    }
    var hasJob: Bool { job != nil }
    var hasResult: Bool { result != nil }

    // MARK: Steps

    func pass(milliseconds: Int64) { clock.pass(milliseconds) }

    /// Commits batches together; those that were refused are taken out of the account.
    func commit(_ batches: [TestBatch]) {
        if engine!.poisoned != nil { return }
        inFlight = batches
        let results = engine!.commit(batches.map(\.batch))
        inFlight = []
        for (batch, result) in zip(batches, results) {
            switch result {
            case .success(let counts):
                let expected = model.apply(batch)
                if counts != expected { report("batch \(batch.number) was counted as \(counts), not \(expected)") }
            case .failure(let error):
                // Nobody knows whether it is on the disk.
                if error.kind == .poisoned { inFlight.append(batch) }
            }
        }
        if engine!.poisoned == nil { inFlight = [] }
    }

    func idle() { engine!.idle() }

    /// Asks for work: everything that is there shall be sealed, or merged.
    func want(seal: Bool = false, forced: Bool = false, merger: Bool = false) {
        if seal { engine!.maintenance.isSealWanted = true }
        if forced { engine!.maintenance.isSealForced = true }
        if merger { engine!.wantCompaction() }
    }

    /// Takes up the next job.
    @discardableResult
    func beginJob(sealOnly: Bool = false) -> Bool {
        job = engine!.nextJob(ignoresRetry: true, sealOnly: sealOnly)
        return job != nil
    }

    /// Does the work of the job taken up, without publishing it.
    func runJob() throws(StoreError) {
        guard let job, result == nil else { return }
        do throws(StoreError) {
            result = try job.run()
        } catch {
            give(up: error)
            throw error
        }
    }

    /// Publishes the result of the job.
    func finishJob() throws {
        guard let job, let made = result else { return }
        // The engine's is the only reference to what it takes out of use.
        result = nil
        do {
            for path in try engine!.finish(made) { try? disk.remove(path) }
            published[String(describing: type(of: job)), default: 0] += 1
            self.job = nil
            // A job may have dropped what is too old.
            if !keepsForEver { forget(missingFrom: try contents()) }
        } catch let error as StoreError {
            give(up: error)
            throw error
        }
    }

    private func give(up error: StoreError) {
        engine!.fail(error)
        job = nil
        result = nil
    }

    /// Jobs until none is due.
    func work() throws {
        var jobs = 0
        while job != nil || beginJob() {
            try runJob()
            try finishJob()
            jobs += 1
            if jobs > 60 {
                return report("jobs without end: \(published)")
            }
        }
    }

    /// Copies the store and compares the copy with what was acknowledged.
    func backup() throws {
        want(forced: true)
        let last = engine!.writer.nextLSN - 1
        while true {
            let hasBegun = job != nil || beginJob()
            if engine!.isSealed(through: last), !engine!.maintenance.isSealForced, !hasBegun { break }
            // As the loop answers a request that cannot even begin.
            guard hasBegun else { throw StoreError(.inputOutput, engine!.maintenance.failure ?? "nothing to seal") }
            try runJob()
            try finishJob()
            if engine!.isSealed(through: last), !engine!.maintenance.isSealForced { break }
        }
        copies += 1
        let path = "copy\(copies)"
        let made = try engine!.backup(to: path, copies: copies % 2 == 0)
        if made.rows != model.rows.count { report("the report of a backup tells of \(made.rows) rows, not \(model.rows.count)") }
        let copy = try StoreEngine(path: path, fileSystem: disk.copy(), options: options)
        for difference in model.differences(from: try StoreContents(copy)) { report("in a backup: \(difference)") }
        try disk.unwatched { for name in disk.paths where name.hasPrefix(path + "/") { try disk.remove(name) } }
    }

    // MARK: Ends

    func close() throws(StoreError) {
        try engine!.close()
        release()
    }

    private func release() {
        job = nil
        result = nil
        engine = nil
    }

    /// The process dies and the system goes on; the next one starts on the same disk.
    func restart() throws {
        release()
        try open()
    }

    /// Power goes, and comes back.
    func losePower(_ mode: SimulatedFileSystem.CrashMode, seed: UInt64) throws {
        release()
        disk = disk.crashed(mode, seed: seed)
        try open()
    }

    private func open() throws {
        disk.fault = .none
        engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        let (found, differences) = try verdict.compare(engine!)
        for difference in differences { report("after a start: \(difference)") }
        model = found
        inFlight = []
    }

    func fail(after operations: Int, code: Int32, forever: Bool) {
        disk.fault = .fail(at: disk.operations + operations, code: code, forever: forever)
    }

    func fail(at operation: Int, code: Int32, forever: Bool) { disk.fault = .fail(at: operation, code: code, forever: forever) }
    /// The next operation of this name fails, once.
    func failNext(_ name: String) { disk.fault = .failNext(name, code: FileError.ioError) }
    var operations: Int { disk.operations }
    func heal() { disk.fault = .none }
    var snapshot: Snapshot { engine!.snapshot() }
    var isPoisoned: Bool { engine!.poisoned != nil }

    // MARK: Looks

    /// Compares all that the store holds with what it must hold.
    func check() throws {
        let contents = try contents()
        forget(missingFrom: contents)
        for difference in model.differences(from: contents) { report(difference) }
    }

    private func contents() throws -> StoreContents { try disk.unwatched { try StoreContents(engine!) } }

    private func forget(missingFrom contents: StoreContents) {
        model.drop(
            missingFrom: contents,
            rowsBefore: options.retention.rows.map { now - $0 } ?? .min,
            recordedBefore: [options.retention.raw, options.retention.quarantine].compactMap { $0 }.min().map { now - $0 } ?? .min
        )
    }

    var verdict: StoreVerdict { StoreVerdict(model, inFlight, options) }
}

/// What a disk may hold after a crash: what was acknowledged, and the first few of the batches in flight.
struct StoreVerdict {
    let candidates: [StoreModel]
    let options: StoreOptions

    init(_ model: StoreModel, _ inFlight: [TestBatch], _ options: StoreOptions) {
        var candidates = [model]
        for batch in inFlight {
            var next = candidates.last!
            next.apply(batch)
            candidates.append(next)
        }
        self.candidates = candidates
        self.options = options
    }

    /// The candidate that an engine holds, or the nearest one and what is wrong with it.
    func compare(_ engine: StoreEngine) throws -> (model: StoreModel, differences: [String]) {
        let contents = try StoreContents(engine)
        var nearest: (model: StoreModel, differences: [String])?
        for var candidate in candidates {
            candidate.drop(
                missingFrom: contents,
                rowsBefore: options.retention.rows.map { options.now() - $0 } ?? .min,
                recordedBefore: [options.retention.raw, options.retention.quarantine].compactMap { $0 }.min().map { options.now() - $0 } ?? .min
            )
            let differences = candidate.differences(from: contents)
            if differences.isEmpty { return (candidate, []) }
            if differences.count < nearest?.differences.count ?? .max { nearest = (candidate, differences) }
        }
        return nearest!
    }

    /// The candidate that an engine holds; what is wrong is recorded when there is none.
    func model(of engine: StoreEngine, _ what: String) throws -> StoreModel? {
        let (model, differences) = try compare(engine)
        if differences.isEmpty { return model }
        Issue.record("\(what): \(candidates.count - 1) batches were in flight; \(differences.joined(separator: "; "))")
        return nil
    }
}

/// A clock that goes only when it is told to.
private final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    var now: Int64 { milliseconds.withLock { $0 } }
    func pass(_ more: Int64) { milliseconds.withLock { $0 += more } }
}
