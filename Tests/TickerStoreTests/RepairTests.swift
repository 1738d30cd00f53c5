import MarketData
import TestSupport
import Testing

@testable import TickerStore

@Suite struct RepairTests {
    /// A kind of damage.
    struct Damage: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// Whether everything comes back.
        var isLossless: Bool
        var isClean = true
        var blocks = false
        let apply: @Sendable (SimulatedFileSystem) throws -> Void

        init(
            _ name: String,
            lossless: Bool,
            clean: Bool = true,
            blocks: Bool = false,
            _ apply: @escaping @Sendable (SimulatedFileSystem) throws -> Void
        ) {
            testDescription = name
            isLossless = lossless
            isClean = clean
            self.blocks = blocks
            self.apply = apply
        }
    }

    /// The n-th file with this ending.
    static func file(_ disk: SimulatedFileSystem, _ folder: String, _ ending: String, _ number: Int = 0) -> String {
        disk.paths.filter { $0.hasPrefix("data/\(folder)") && $0.contains(ending) }[number]
    }

    static func flip(_ disk: SimulatedFileSystem, _ path: String, at offset: (Int) -> Int) {
        disk.tamper(path) { $0[offset($0.count)] ^= 0x55 }
    }

    static func flipLog(_ disk: SimulatedFileSystem) {
        let middle = used(disk) / 2
        flip(disk, file(disk, "wal/", ".wal")) { _ in middle }
    }

    /// The bytes of the log that are used.
    static func used(_ disk: SimulatedFileSystem) -> Int { disk.content(file(disk, "wal/", ".wal")).lastIndex { $0 != 0 }! }

    static let damages: [Damage] = [
        Damage("FORMAT damaged", lossless: true) { flip($0, "data/FORMAT") { _ in 3 } },
        Damage("FORMAT missing", lossless: true) { try $0.remove("data/FORMAT") },
        Damage("manifest damaged", lossless: true) { flip($0, "data/MANIFEST.json") { $0 / 2 } },
        Damage("manifest missing", lossless: true) { try $0.remove("data/MANIFEST.json") },
        Damage("both manifests damaged", lossless: true) {
            flip($0, "data/MANIFEST.json") { $0 / 2 }
            flip($0, "data/MANIFEST.json.prev") { $0 / 2 }
        },
        Damage("both manifests missing", lossless: true, clean: false) {
            try $0.remove("data/MANIFEST.json")
            try $0.remove("data/MANIFEST.json.prev")
        },
        Damage("both manifests missing and an index damaged", lossless: true) {
            try $0.remove("data/MANIFEST.json")
            try $0.remove("data/MANIFEST.json.prev")
            flip($0, file($0, "segments/tickers", ".idx")) { $0 / 2 }
        },
        Damage("both manifests missing and lines damaged", lossless: false, blocks: true) {
            try $0.remove("data/MANIFEST.json")
            try $0.remove("data/MANIFEST.json.prev")
            flip($0, file($0, "segments/tickers", ".gz", 1)) { _ in 100 }
        },
        Damage("index columns damaged", lossless: true) { flip($0, file($0, "segments/tickers", ".idx")) { _ in 70 } },
        Damage("index footer damaged", lossless: true) { flip($0, file($0, "segments/raw", ".idx")) { $0 - 20 } },
        Damage("index missing", lossless: true) { try $0.remove(file($0, "segments/quarantine", ".idx", 1)) },
        Damage("index of runs missing", lossless: true) { try $0.remove(file($0, "segments/runs", ".idx", 1)) },
        Damage("index of outliers cut", lossless: true) { $0.tamper(file($0, "segments/outliers", ".idx")) { $0.removeLast(9) } },
        Damage("a block of lines damaged", lossless: false, blocks: true) { flip($0, file($0, "segments/tickers", ".gz", 1)) { _ in 100 } },
        Damage("the last lines damaged", lossless: false) { flip($0, file($0, "segments/tickers", ".gz", 2)) { $0 - 40 } },
        Damage("lines cut", lossless: false) { $0.tamper(file($0, "segments/tickers", ".gz", 0)) { $0.removeLast($0.count / 2) } },
        Damage("only the end mark is missing", lossless: true) { $0.tamper(file($0, "segments/tickers", ".gz", 0)) { $0.removeLast(28) } },
        Damage("all lines and the index damaged", lossless: false) {
            $0.tamper(file($0, "segments/tickers", ".gz", 0)) { for index in $0.indices { $0[index] = 7 } }
            flip($0, file($0, "segments/tickers", ".idx", 0)) { $0 - 20 }
        },
        Damage("lines, index and dead rows damaged", lossless: false, blocks: true) {
            flip($0, file($0, "segments/tickers", ".gz", 1)) { _ in 100 }
            flip($0, file($0, "segments/tickers", ".idx", 1)) { $0 - 20 }
            flip($0, file($0, "segments/tickers", ".del")) { _ in 30 }
        },
        Damage("raw lines damaged", lossless: false) { flip($0, file($0, "segments/raw", ".gz", 1)) { _ in 100 } },
        Damage("lines missing", lossless: false) { try $0.remove(file($0, "segments/tickers", ".gz", 1)) },
        Damage("quarantine lines missing", lossless: false) { try $0.remove(file($0, "segments/quarantine", ".gz")) },
        Damage("dead rows damaged", lossless: true) { flip($0, file($0, "segments/tickers", ".del")) { _ in 25 } },
        Damage("dead rows missing", lossless: true) { try $0.remove(file($0, "segments/tickers", ".del", 1)) },
        Damage("state damaged", lossless: false) { flip($0, file($0, "state", ".json")) { $0 / 2 } },
        Damage("state missing", lossless: false) { try $0.remove(file($0, "state", ".json")) },
        Damage("log header damaged", lossless: true) { flip($0, file($0, "wal/", ".wal")) { _ in 45 } },
        Damage("log salt damaged", lossless: true) { flip($0, file($0, "wal/", ".wal")) { _ in 13 } },
        Damage("log damaged at its first record", lossless: false) { flip($0, file($0, "wal/", ".wal")) { _ in 120 } },
        Damage("log damaged in the middle", lossless: false) { flipLog($0) },
        Damage("log damaged in the middle after a crash", lossless: false, clean: false) { flipLog($0) },
        Damage("log cut", lossless: false) {
            let end = used($0); $0.tamper(file($0, "wal/", ".wal")) { $0.removeSubrange((end / 2)...) }
        },
        Damage("log missing", lossless: false) { try $0.remove(file($0, "wal/", ".wal")) },
    ]

    static func repair(_ disk: SimulatedFileSystem, apply: Bool = true) throws(StoreError) -> RepairReport {
        let memory = ReadingMemory { key, _ in key == "batch/2" }
        return try StoreRepair.run(path: ToolsFixture.path, fileSystem: disk, apply: apply, holder: "test", forgetting: memory)
    }

    @Test func whatIsLostIsReadAgainAndNothingElseIsForgotten() throws {
        let disk = try ToolsFixture.disk()
        let before = try ToolsFixture.open(disk.copy()).state(prefix: "").map(\.key)
        try #require(before.contains("batch/2") && before.count > 2)
        func state(after damage: (SimulatedFileSystem) throws -> Void, of source: String) throws -> [String] {
            let damaged = disk.copy()
            try damage(damaged)
            let memory = ReadingMemory { key, sources in key == "batch/2" && sources?.contains(source) ?? true }
            let report = try StoreRepair.run(path: "data", fileSystem: damaged, apply: true, holder: "test", forgetting: memory)
            let isForgotten = report.actions.contains { $0.contains("reads them again") }
            let state = try ToolsFixture.open(damaged).state(prefix: "").map(\.key)
            #expect(isForgotten != state.contains("batch/2"), "\(report.actions)")
            return state
        }
        let rowsLost: (SimulatedFileSystem) throws -> Void = { try $0.remove(Self.file($0, "segments/tickers/", ".jsonl.gz")) }
        #expect(try state(after: rowsLost, of: "csv") == before.filter { $0 != "batch/2" })
        #expect(try state(after: rowsLost, of: "other") == before, "a source that has lost nothing is not read again")
        #expect(try state(after: { Self.flipLog($0) }, of: "other").contains("batch/2") == false, "whose records the log lost is not known")
        #expect(try state(after: { try $0.remove(Self.file($0, "segments/raw/", ".jsonl.gz")) }, of: "csv") == before, "the rows are there")
    }

    @Test func aDirectoryOfANewerFormatIsNotRepaired() throws {
        let disk = try ToolsFixture.disk()
        disk.tamper("data/FORMAT") { $0 = Array("kasparro data directory, format 2\n".utf8) }
        let before = ToolsFixture.image(disk)
        let failure = #expect(throws: StoreError.self) { try Self.repair(disk) }
        #expect(failure?.kind == .newerFormat && ToolsFixture.image(disk) == before, "\(failure!)")
    }

    /// The numbers of rows in the report are those that are really missing or are there in an older version.
    static func check(_ report: RepairReport, was: Set<String>, now: Set<String>, _ what: String) {
        var lost = 0
        var older = 0
        for sentence in report.lost where sentence.hasPrefix("segments/tickers/") {
            let words = sentence.split(separator: " ")
            let number = words.firstIndex { $0 == "row" || $0.hasPrefix("rows") }.flatMap { Int(words[$0 - 1]) } ?? 0
            if sentence.contains("newer versions") { older += number } else { lost += number }
        }
        if report.lost.contains(where: { $0.hasPrefix("wal/") }) { return }
        if what.contains("dead rows") {
            // Nobody knows any more which of the lost rows counted.
            #expect(was.subtracting(now).count <= lost, "\(what)")
        } else {
            #expect(was.subtracting(now).count == lost && now.subtracting(was).count == older, "\(what): \(report.lost)")
        }
    }

    @Test(arguments: damages) func afterRepairItIsWholeAndOnlyWhatIsReportedIsMissing(damage: Damage) throws {
        let original = try ToolsFixture.disk(isClean: damage.isClean, blocks: damage.blocks)
        let disk = original.copy()
        try damage.apply(disk)
        #expect(!(try ToolsFixture.verify(disk)).isClean, "the damage was not found")
        let before = ToolsFixture.image(disk)
        let dry = try Self.repair(disk, apply: false)
        #expect(ToolsFixture.image(disk) == before, "a dry run changed something")
        let report = try Self.repair(disk)
        #expect(report.applied && !dry.applied)
        #expect(report.findings == dry.findings && report.lost == dry.lost && report.actions == dry.actions, "\(dry) is not \(report)")
        let after = try ToolsFixture.verify(disk)
        #expect(after.isClean, "\(after.findings)")
        let (was, now) = (try ToolsFixture.content(original), try ToolsFixture.content(disk))
        if damage.isLossless {
            #expect(now == was, "\(report)")
            #expect(report.lost == [])
        } else {
            #expect(!report.lost.isEmpty)
            #expect(now != was || damage.testDescription.contains("quarantine"))
            Self.check(report, was: Set(was.filter { $0.hasPrefix("{") }), now: Set(now.filter { $0.hasPrefix("{") }), damage.testDescription)
        }
        // Nothing to do any more, and it takes new rows.
        #expect(try Self.repair(disk).actions == [])
        let engine = try ToolsFixture.open(disk)
        try engine.commit([TestRow(symbol: "NEW", milliseconds: 1)])
        if !report.actions.isEmpty, let originals = report.originals {
            #expect(disk.paths.contains { $0.hasPrefix(originals) } || damage.testDescription.contains("missing"))
        }
    }

    @Test(arguments: SimulatedFileSystem.CrashMode.allCases) func powerLossAtAnyOperationLeavesItRepairable(mode: SimulatedFileSystem.CrashMode)
        throws
    {
        let names: Set<String> = [
            "FORMAT missing", "manifest damaged", "both manifests missing and lines damaged", "index columns damaged", "a block of lines damaged",
            "lines, index and dead rows damaged", "dead rows missing", "state damaged", "log damaged in the middle",
        ]
        for damage in Self.damages where names.contains(damage.testDescription) {
            let damaged = try ToolsFixture.disk(isClean: damage.isClean, blocks: damage.blocks)
            try damage.apply(damaged)
            let whole = damaged.copy()
            let before = whole.operations
            _ = try Self.repair(whole)
            let expected = try ToolsFixture.content(whole)
            // Reading is most of the work; what matters are the operations at the end, where the changes are.
            let count = whole.operations - before
            var random = SplitMix64(seed: UInt64(count))
            let points = Set(
                (0..<8).map { _ in Int.random(in: 0..<count, using: &random) }
                    + (0..<14).map { _ in Int.random(in: count * 2 / 3..<count, using: &random) }
            )
            for point in points.sorted() {
                let disk = damaged.copy()
                disk.fault = .powerLoss(at: disk.operations + point)
                _ = try? Self.repair(disk)
                let after = disk.crashed(mode, seed: UInt64(point))
                let what = "\(damage.testDescription), operation \(point) of \(count)"
                do {
                    _ = try Self.repair(after)
                    let findings = try ToolsFixture.verify(after).findings.filter { $0.severity != .note }
                    #expect(findings == [], "\(what)")
                    #expect(try ToolsFixture.content(after) == expected, "\(what)")
                } catch {
                    Issue.record("\(what): \(error)")
                }
            }
        }
    }

    @Test func aByteFlippedAnywhereIsRepairedOrReportedAsLost() throws {
        for isClean in [true, false] {
            let original = try ToolsFixture.disk(isClean: isClean)
            let content = try ToolsFixture.content(original)
            let files = ToolsFixture.dataFiles(original)
            var random = SplitMix64(seed: isClean ? 5 : 6)
            for round in 0..<250 {
                let file = files[round % files.count]
                let used = (original.content(file).lastIndex { $0 != 0 } ?? 0) + 1
                let offset = Int.random(in: 0..<used, using: &random)
                let mask = UInt8.random(in: 1...255, using: &random)
                let disk = original.copy()
                disk.tamper(file) { $0[offset] ^= mask }
                let what = "\(file) at \(offset) with \(mask)"
                do {
                    let report = try Self.repair(disk)
                    #expect(try ToolsFixture.verify(disk).isClean, "\(what)")
                    if report.lost.isEmpty { #expect(try ToolsFixture.content(disk) == content, "\(what)") }
                } catch let error as StoreError {
                    #expect(error.kind == .newerFormat, "\(what): \(error)")
                }
            }
        }
    }

    @Test func aManifestOlderThanTheLogTakesTheLogIn() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 6_000)
        for number in 0..<12 { try engine.commit([TestRow(milliseconds: Int64(number))], number: number) }
        engine.lock = nil
        let image = disk.copy()
        let previous = image.content("data/MANIFEST.json.prev")
        image.tamper("data/MANIFEST.json") { $0 = previous }
        #expect(!(try ToolsFixture.verify(image)).isClean)
        let report = try Self.repair(image)
        #expect(report.lost == [] && report.applied)
        #expect(try ToolsFixture.content(image) == ToolsFixture.content(disk))
        #expect(try ToolsFixture.verify(image).isClean)
    }

    @Test func aStoreInUseIsRefused() throws {
        let disk = try ToolsFixture.disk()
        let engine = try ToolsFixture.open(disk)
        let failure = #expect(throws: StoreError.self) { try Self.repair(disk, apply: false) }
        #expect(failure?.kind == .locked && failure?.message.contains("test") == true)
        withExtendedLifetime(engine) {}
    }

    @Test func theSaltComesBackFromARecord() throws {
        let disk = try ToolsFixture.disk()
        let content = disk.content(Self.file(disk, "wal/", ".wal"))
        let salt = content.withUnsafeBytes { $0.integer(UInt32.self, at: 12) }
        #expect(content.withUnsafeBytes { LogSalt.solve($0.slice(64..<104)) } == salt)
    }
}
