import MarketData
import Testing

@testable import TickerStore

@Suite struct RestoreTests {
    /// A stopped store with secrets beside it serves as a backup.
    static func backup() throws -> SimulatedFileSystem {
        let disk = try ToolsFixture.disk()
        for (name, text) in [("token", "secret"), ("inbox/a.csv", "x")] {
            if name.contains("/"), try disk.status("data/inbox") == nil { try disk.makeDirectory("data/inbox") }
            let file = try disk.open("data/" + name, .createNew)
            try file.write(all: Array(text.utf8), at: 0)
            try file.sync()
        }
        try disk.syncDirectory("data")
        return disk.copy()
    }

    static func restore(_ disk: SimulatedFileSystem) throws(StoreError) -> BackupReport {
        try StoreRestore.run(from: "data", to: "new", fileSystem: disk)
    }

    static func open(_ disk: SimulatedFileSystem, _ path: String) throws(StoreError) -> StoreEngine {
        try StoreEngine(path: path, fileSystem: disk, options: .test(logFileBytes: 1 << 15))
    }

    @Test func theRestoredStoreHoldsWhatTheBackupHeld() throws {
        let disk = try Self.backup()
        let before = ToolsFixture.image(disk)
        let report = try Self.restore(disk)
        #expect(ToolsFixture.image(disk).filter { $0.key.hasPrefix("data/") } == before, "restoring changed the backup")
        let (old, new) = (try Self.open(disk.copy(), "data"), try Self.open(disk.copy(), "new"))
        #expect(try old.snapshot().lines() == new.snapshot().lines())
        #expect(report.rows == old.snapshot().counts.rows && report.lastLSN == old.writer.nextLSN - 1)
        #expect(old.state(prefix: "").map(\.key) == new.state(prefix: "").map(\.key))
        #expect(disk.content("new/token") == Array("secret".utf8) && disk.content("new/inbox/a.csv") == Array("x".utf8))
        #expect(try StoreVerification.run(path: "new", fileSystem: disk, deep: true).findings == [])
        #expect(!disk.paths.contains("new/RESTORE-INCOMPLETE"))
    }

    @Test func aDamagedBackupIsRefusedBeforeAnythingIsWritten() throws {
        let disk = try Self.backup()
        disk.tamper(RepairTests.file(disk, "segments/raw", ".gz")) { $0[90] ^= 1 }
        let failure = #expect(throws: StoreError.self) { try Self.restore(disk) }
        #expect(failure?.kind == .corrupt && failure?.message.contains("segments/raw/") == true)
        #expect(!disk.paths.contains { $0.hasPrefix("new") })
    }

    @Test func aTargetThatIsNotEmptyIsRefused() throws {
        let disk = try Self.backup()
        try disk.makeDirectory("new")
        _ = try disk.open("new/precious", .createNew)
        #expect(#expect(throws: StoreError.self) { try Self.restore(disk) }?.kind == .cannotCreate)
        #expect(disk.paths.filter { $0.hasPrefix("new/") } == ["new/precious"])
        try disk.remove("new/precious")
        #expect(try Self.restore(disk).files > 10, "an empty directory will do")
    }

    @Test func aRestoreThatWasCutShortIsNoStoreAndSaysWhatToDo() throws {
        let original = try Self.backup()
        let whole = original.copy()
        let start = whole.operations
        _ = try Self.restore(whole)
        let lines = try Self.open(whole, "new").snapshot().lines()
        var refused = 0
        for point in 0..<whole.operations - start where point % 3 == 0 {
            let disk = original.copy()
            disk.fault = .powerLoss(at: disk.operations + point)
            _ = try? Self.restore(disk)
            let after = disk.crashed(.reorder, seed: UInt64(point))
            if !after.paths.contains(where: { $0.hasPrefix("new/") }) { continue }
            let image = after.copy()
            do throws(StoreError) {
                let engine = try Self.open(image, "new")
                let held = try! engine.snapshot().lines()
                // FORMAT alone, without any data, is made a new store; what holds data holds all of it.
                #expect(
                    held == lines || (held.isEmpty && !after.paths.contains { $0.hasPrefix("new/segments") }),
                    "operation \(point): a part of the backup"
                )
            } catch {
                refused += 1
                let again = #expect(throws: StoreError.self, "operation \(point)") { try Self.restore(after.copy()) }
                #expect(again?.message.contains("remove the directory") == true || again?.message.contains("not empty") == true, "\(again!)")
            }
        }
        #expect(refused > 20)
    }

    @Test func statusReadsWithoutChangingAByte() throws {
        for isClean in [true, false] {
            let disk = try ToolsFixture.disk(isClean: isClean)
            let before = ToolsFixture.image(disk)
            let (statistics, counts) = try StoreStatus.read(path: "data", fileSystem: disk)
            #expect(ToolsFixture.image(disk) == before)
            let engine = try ToolsFixture.open(disk.copy())
            #expect(counts.rows == engine.snapshot().counts.rows && counts.rawRecords == engine.snapshot().counts.rawRecords)
            let now = engine.statistics()
            #expect(statistics.segments == now.segments && statistics.lastLSN == now.lastLSN && statistics.supersededRows == now.supersededRows)
        }
        #expect(throws: StoreError.self) { try StoreStatus.read(path: "data", fileSystem: SimulatedFileSystem()) }
    }
}
