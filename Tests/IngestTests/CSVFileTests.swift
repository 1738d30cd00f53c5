import Glibc
import MarketData
import Synchronization
import TestSupport
import Testing
import TickerStore

@testable import Ingest

/// Files that come, grow, change and are no tables (spec sections 2, 5 and 6).
@Suite struct CSVFileTests {
    static let header = "symbol,price_usd,timestamp\n"

    @Test(arguments: [
        ([0xFF, 0xFE, 0x73, 0x00], "UTF-16"), ([0xFE, 0xFF, 0x00, 0x73], "UTF-16"), ([0x50, 0x4B, 0x03, 0x04, 0x14], "xlsx"),
        (Array("s\0y\0m\0b\0o\0l\0,\0p\0r\0i\0c\0e\0".utf8), "UTF-16"), (Array("<!DOCTYPE html><html>".utf8), "web page"),
        ([UInt8](repeating: 1, count: 100), "binary"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0x1F, 0x8B, 0x08, 0x00], "gzip"),
    ])
    func whatIsNoTableIsNamed(bytes: [UInt8], kind: String) async throws {
        let bench = try Workbench()
        try bench.put("a.csv", bytes)
        try bench.put("b.csv.gz", gzip(bytes))
        try bench.put("c.csv", Self.header + "A,1,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.inserted == 1 && run.errors.count == 2 && run.status == .partialSuccess, "\(run)")
        #expect(run.errors.allSatisfy { $0.type == .parse && $0.message.contains(kind) }, "\(run.errors)")
    }

    @Test func columnsOfOneNameHideNoneOfTheirCells() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp,x,x,x.2\nA,1,2024-12-15,first,second,third\n")
        #expect(try await bench.run().inserted == 1)
        let raw = bench.history(of: 2).map { String(decoding: $0, as: UTF8.self) }.joined()
        #expect(raw.contains(#""x":"first","x.3":"second","x.2":"third""#), "\(raw)")
    }

    @Test func aStoreThatMovedWithItsInboxReadsNothingAgain() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + "A,1,2024-12-15\n")
        try bench.put("b.csv", Self.header + "A,2,2024-12-15\n")
        #expect(try await bench.run().updated == 1)
        let moved = bench.path + ".moved"
        #expect(rename(bench.path + "/inbox", moved) == 0)
        defer { Workbench.removeTree(moved) }
        for name in ["a.csv", "b.csv"] {
            // Copied, as from a backup: other inodes and times.
            let text = try PosixFileSystem().open(moved + "/" + name, .read)
            var bytes = [UInt8](repeating: 0, count: try text.status().size)
            _ = try bytes.withUnsafeMutableBytes { buffer throws(FileError) in try text.read(into: buffer, at: 0) }
            try PosixFileSystem().remove(moved + "/" + name)
            try PosixFileSystem().open(moved + "/" + name, .createNew).write(all: bytes, at: 0)
        }
        bench.sources = [BuiltInSources.csv(inbox: moved, extraFile: nil)]
        try bench.restart()
        let second = try await bench.run()
        #expect(second.extracted == 0 && second.skipped == 2 && second.updated == 0, "the older value must not pass over the newer one: \(second)")
        #expect(second.batches.count == 1, "both files are told to the store at once")
        #expect(try await bench.run().batches.isEmpty)
    }

    @Test func whatAnOlderStoreRemembersIsTakenOverOnce() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", seedHeader + "A,1,2,2024-12-15,x\n")
        let first = try await bench.run()
        let key = FileKey(source: "csv", name: "a.csv", path: bench.path + "/inbox/a.csv")
        try bench.restart()
        let progress = try #require(bench.stored(key.text))
        var batch = Batch(origin: BatchOrigin(runID: first.runID, number: 9, source: "", fetchedAt: .earliest))
        batch.state = { _ in [StateChange(key: key.text, value: nil), StateChange(key: "file/" + key.path, value: progress)] }
        _ = try bench.store.commit(batch)
        try bench.restart()
        let second = try await bench.run()
        #expect(second.extracted == 0 && second.skipped == 1, "\(second)")
        try bench.restart()
        #expect(bench.stored("file/" + key.path) == nil && bench.stored(key.text) != nil)
        let third = try await bench.run()
        #expect(third.skipped == 1 && third.batches.isEmpty, "\(third)")
    }

    @Test func aFileBesideTheInboxIsNamedWhenItIsGone() async throws {
        let bench = try Workbench()
        try bench.put("real.txt", Self.header + "A,1,2024-12-15\n")
        symlink(bench.path + "/inbox/real.txt", bench.path + "/link.csv")
        try bench.declare { $0.extraFiles = [bench.path + "/none.csv", bench.path + "/link.csv", bench.path + "/inbox/real.txt"] }
        let run = try await bench.run()
        #expect(run.inserted == 1 && run.errors.count == 2, "\(run)")
        #expect(run.errors.contains { $0.message.contains("none.csv") } && run.errors.contains { $0.message.contains("link.csv") })
    }

    @Test func aFileThatGotShorterIsReadAnew() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + "A,1,2024-12-15\nB,1,2024-12-15\n")
        _ = try await bench.run()
        try bench.put("a.csv", Self.header + "C,1,2024-12-15\n")
        let second = try await bench.run()
        #expect(second.extracted == 1 && second.inserted == 1, "\(second)")
    }

    @Test func aHeaderInTheMiddleIsNamedSo() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + "A,1,2024-12-15\n" + Self.header + "B,1,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.inserted == 2 && bench.quarantineReasons == ["repeated_header": 1], "\(bench.quarantineReasons)")
    }

    @Test func twoColumnsOfOneNameMatterWhereTheyAreNeeded() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,note,note,price_usd,timestamp\nA,x,y,1,2024-12-15\n")
        try bench.put("b.csv", "symbol,price_usd,price_usd,timestamp\nB,1,2,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.inserted == 1 && run.errors.map(\.type) == [.schema] && run.errors[0].message.contains("b.csv"), "\(run)")
    }

    @Test func rowsThatReplaceManyOthersAreComplainedOf() async throws {
        let bench = try Workbench()
        let rows: (Int) -> String = { price in (0..<300).map { "C\($0),\($0 < price ? price : 1),2024-12-15\n" }.joined() }
        try bench.put("a.csv", Self.header + rows(1))
        try bench.put("b.csv", Self.header + rows(3))
        try bench.put("c.csv", Self.header + rows(9))
        let run = try await bench.run()
        #expect(
            run.errors.count == 1 && run.errors[0].message.contains("c.csv: overwrites: 9 of its 300 rows"),
            "b.csv replaced 3 in 300: \(run.errors)"
        )
        #expect(run.status == .success)
    }

    @Test func manyFilesWithOpenLinesAreTakenWhole() async throws {
        let bench = try Workbench()
        for number in 0..<200 { try bench.put("\(number).csv", Self.header + "A\(number),1,2024-12-15\nB\(number),1,2024-12-15") }
        let run = try await bench.run()
        #expect(run.inserted == 400 && run.errors.isEmpty, "\(run.errors)")
        #expect(try await bench.run().skipped == 400)
    }

    @Test func anUnchangedFileIsAskedForItsStatusOnce() async throws {
        let disk = CountingFileSystem()
        let bench = try Workbench(disk: disk)
        for number in 0..<2_000 { try bench.put("\(number).csv", Self.header + "A\(number),1,2024-12-15\n") }
        #expect(try await bench.run().inserted == 2_000)
        disk.inboxCalls.withLock { $0 = 0 }
        #expect(try await bench.run().skipped == 2_000)
        #expect(disk.inboxCalls.withLock { $0 } == 2_000 + 2, "one each, and the directory's status and list")
    }

    @Test func aLineOfManyMegabytesIsOneBadRecord() async throws {
        let bench = try Workbench()
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 30 << 20)
        let quoted = Array("Q,\"".utf8) + long[..<(3 << 20)] + Array("\n".utf8)
        try bench.put(
            "a.csv",
            Array((Self.header + "A,1,2024-12-15\n").utf8) + long + Array("\n".utf8) + quoted + Array("B,1,2024-12-15\nN\0,1,2024-12-15\n".utf8)
        )
        let run = try await bench.run()
        #expect(run.inserted == 2, "\(run)")
        #expect(bench.quarantineReasons == ["record_too_long": 2, "bad_symbol": 1], "\(bench.quarantineReasons)")
    }
}

/// Files that change while they are read. What the last version says must be stored once the file stands still.
@Suite struct ChangingFileTests {
    static let count = 40_000

    static func text(_ price: Int, rows: Int = count) -> String {
        CSVFileTests.header + (0..<rows).map { "C\($0),\(price),2024-12-15\n" }.joined()
    }

    /// Runs twice, with something happening in the middle of the first run, and gives what is stored then, by price.
    private func prices(_ text: String, _ change: @escaping @Sendable (String) -> Void) async throws -> (
        prices: [String: Int], run: RunRecord, bench: Workbench
    ) {
        let disk = CountingFileSystem()
        let bench = try Workbench(disk: disk)
        try bench.put("a.csv", text)
        let path = bench.path + "/inbox/a.csv"
        disk.whileReading.withLock { $0 = { change(path) } }
        _ = try await bench.run()
        #expect(disk.whileReading.withLock { $0 == nil }, "nothing happened")
        let second = try await bench.run()
        #expect(try await bench.run().extracted == 0, "at the third time it is known")
        var prices: [String: Int] = [:]
        for line in try bench.lines() { prices[String(line.split(separator: "\"price_usd\":")[1].prefix { $0 != "," }), default: 0] += 1 }
        return (prices, second, bench)
    }

    /// Opens as another program would.
    private static func write(_ path: String, _ flags: Int32, _ text: String) {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | flags, 0o600)
        let bytes = Array(text.utf8)
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

    @Test func oneThatGrowsIsReadToItsNewEnd() async throws {
        let (prices, _, bench) = try await prices(Self.text(1)) { Self.write($0, O_APPEND, "MORE,1,2024-12-15\nLAST,1,2024-12-15\n") }
        #expect(prices == ["1": Self.count + 2] && bench.quarantineReasons.isEmpty, "\(prices)")
    }

    @Test func oneThatIsReplacedIsReadAnew() async throws {
        let (prices, run, _) = try await prices(Self.text(1)) { path in
            Self.write(path + ".part", O_TRUNC, Self.text(2))
            #expect(rename(path + ".part", path) == 0)
        }
        #expect(prices == ["2": Self.count] && run.updated == Self.count, "\(prices)")
    }

    @Test func oneThatIsWrittenOverInPlaceIsReadAnew() async throws {
        let (prices, _, bench) = try await prices(Self.text(1)) { Self.write($0, 0, Self.text(2)) }
        #expect(prices == ["2": Self.count] && bench.quarantineReasons.isEmpty, "\(prices)")
    }

    @Test func oneThatIsCutIsReadAnewAndTheCutLineWaits() async throws {
        let cut = Self.text(1).utf8.count - 100_005
        let (prices, run, bench) = try await prices(Self.text(1)) { #expect(truncate($0, cut) == 0) }
        #expect(prices["1"].map { $0 > 30_000 } == true, "\(prices)")
        #expect(run.errors.isEmpty && bench.quarantineReasons.count <= 1, "\(run.errors) \(bench.quarantineReasons)")
    }
}

/// Counts what is asked about the inbox.
private final class CountingFileSystem: FileSystemWrapper {
    let inboxCalls = Mutex(0)
    /// Done once, after the first full piece of a file of the inbox was read.
    let whileReading = Mutex<(@Sendable () -> Void)?>(nil)
    let disk: any FileSystem = PosixFileSystem()

    private func count(_ path: String) { if path.contains("/inbox") { inboxCalls.withLock { $0 += 1 } } }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File {
        count(path)
        let file = try disk.open(path, mode)
        return path.contains("/inbox") ? WatchedFile(file) { [self] in whileReading.withLock { $0.take() }?() } : file
    }
    func list(_ path: String) throws(FileError) -> [String] {
        count(path)
        return try disk.list(path)
    }
    func status(_ path: String) throws(FileError) -> FileStatus? {
        count(path)
        return try disk.status(path)
    }
}

/// A file to which something happens while it is read.
private final class WatchedFile: File {
    private let file: any File
    private let afterPiece: @Sendable () -> Void

    init(_ file: any File, afterPiece: @escaping @Sendable () -> Void) {
        self.file = file
        self.afterPiece = afterPiece
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        let count = try file.read(into: buffer, at: offset)
        if count >= 64 << 10 { afterPiece() }
        return count
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) { try file.write(bytes, at: offset) }
    func truncate(to length: Int) throws(FileError) { try file.truncate(to: length) }
    func allocate(_ length: Int) throws(FileError) { try file.allocate(length) }
    func syncData() throws(FileError) { try file.syncData() }
    func sync() throws(FileError) { try file.sync() }
    func status() throws(FileError) -> FileStatus { try file.status() }
    func tryLock() throws(FileError) -> Bool { try file.tryLock() }
    func dropCache() { file.dropCache() }
    func map(_ length: Int) throws(FileError) -> any MappedBytes { try file.map(length) }
}
