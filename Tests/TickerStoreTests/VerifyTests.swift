import MarketData
import TestSupport
import Testing

@testable import TickerStore

@Suite struct VerifyTests {
    @Test(arguments: [true, false]) func aHealthyStoreHasNothingToSay(isClean: Bool) throws {
        let disk = try ToolsFixture.disk(isClean: isClean)
        let before = ToolsFixture.image(disk)
        for deep in [false, true] {
            let report = try ToolsFixture.verify(disk, deep: deep)
            #expect(report.findings == [], "\(report.findings.map(\.what))")
            #expect(report.segments >= 15 && report.files > 30)
        }
        let report = try ToolsFixture.verify(disk)
        #expect(report.rows == (try ToolsFixture.open(disk.copy())).snapshot().counts.rows)
        #expect(report.logRecords > 10)
        #expect(ToolsFixture.image(disk) == before, "verify changed something")
        // An orderly end empties the lock file.
        #expect(disk.content("data/LOCK") == (isClean ? [] : Array("test\n".utf8)), "verify took the lock")
    }

    @Test func withoutADirectoryItThrows() {
        #expect(throws: StoreError.self) { try ToolsFixture.verify(SimulatedFileSystem()) }
    }

    @Test func aFlippedByteIsFoundWhereverItIs() throws {
        for isClean in [true, false] {
            let original = try ToolsFixture.disk(isClean: isClean)
            let files = ToolsFixture.dataFiles(original)
            let content = try ToolsFixture.content(original)
            var random = SplitMix64(seed: isClean ? 3 : 4)
            var harmless: [String: Int] = [:]
            for round in 0..<1_500 {
                // All files get their turn, and the log, most of which is empty, no more than others.
                let file = files[round % files.count]
                let size = original.content(file).count
                let used = (original.content(file).lastIndex { $0 != 0 } ?? 0) + 1
                let offset = Int.random(in: 0..<(round % 3 == 0 ? size : min(size, used + 16)), using: &random)
                let mask = UInt8.random(in: 1...255, using: &random)
                let disk = original.copy()
                disk.tamper(file) { $0[offset] ^= mask }
                let what = "\(file) at \(offset) with \(mask), clean \(isClean)"
                let report: VerifyReport
                do throws(StoreError) {
                    report = try ToolsFixture.verify(disk)
                } catch {
                    #expect(error.kind == .newerFormat, "\(what): \(error)")
                    continue
                }
                #expect(!report.findings.isEmpty, "\(what): not found")
                let short = String(file.dropFirst(5))
                // Damage of CLEAN may look like a log that is too short.
                #expect(
                    report.findings.contains { $0.file == short || short == "CLEAN" || ($0.file == Manifest.fileName && short == Manifest.fileName) },
                    "\(what): \(report.findings)"
                )
                if report.isClean {
                    // A note: the store must open and hold what it held, or all but a tail that nobody ever called durable.
                    let now = try ToolsFixture.content(disk)
                    if now != content { #expect(file.contains("/wal/") && !isClean, "\(what): only a note, and the content is another") }
                    harmless[String(short.prefix { $0 != "/" }) + ": " + report.findings[0].what, default: 0] += 1
                }
            }
            for (what, count) in harmless.sorted(by: { $0.key < $1.key }) { print("harmless, clean \(isClean): \(count) × \(what)") }
        }
    }

    @Test func besideAServerThatSealsAndMergesNothingIsFound() throws {
        let probe = SimulatedFileSystem()
        _ = try Self.busy(probe)
        let count = try Self.operationsOfVerify(probe)
        for point in stride(from: 0, to: count, by: 9) {
            let disk = SimulatedFileSystem()
            let engine = try Self.busy(disk)
            // In the middle of verify, the server commits, seals, and removes what it does not need any more.
            let meddling = Meddling(disk, at: point) {
                for number in 20..<23 { _ = try! engine.commit([ToolsFixture.batch(number)])[0].get() }
                try! ToolsFixture.seal(engine)
                _ = try! engine.commit([ToolsFixture.batch(23)])[0].get()
            }
            let report = try StoreVerification.run(path: "data", fileSystem: meddling, deep: true)
            #expect(report.isClean, "operation \(point): \(report.findings)")
        }
    }

    static func busy(_ disk: SimulatedFileSystem) throws -> StoreEngine {
        let engine = try StoreEngine(disk, logFileBytes: 1 << 15)
        for number in 0..<3 { _ = try engine.commit([ToolsFixture.batch(number)])[0].get() }
        try ToolsFixture.seal(engine)
        for number in 3..<5 { _ = try engine.commit([ToolsFixture.batch(number)])[0].get() }
        return engine
    }

    static func operationsOfVerify(_ disk: SimulatedFileSystem) throws -> Int {
        let counting = Meddling(disk, at: .max) {}
        _ = try StoreVerification.run(path: "data", fileSystem: counting, deep: true)
        return counting.calls
    }
}

/// A disk on which somebody else is at work at the n-th call.
final class Meddling: FileSystemWrapper, @unchecked Sendable {
    // Used by one thread.
    let disk: any FileSystem
    private let moment: Int
    private let act: () -> Void
    private(set) var calls = 0

    init(_ disk: SimulatedFileSystem, at moment: Int, _ act: @escaping () -> Void) {
        self.disk = disk
        self.moment = moment
        self.act = act
    }

    private func count() {
        if calls == moment { act() }
        calls += 1
    }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File { count(); return try disk.open(path, mode) }
    func list(_ path: String) throws(FileError) -> [String] { count(); return try disk.list(path) }
    func status(_ path: String) throws(FileError) -> FileStatus? { count(); return try disk.status(path) }
}
