import Glibc
import MarketData
import Testing

@testable import TickerStore

/// On the real disk.
@Suite struct DataDirectoryTests {
    /// A directory of its own, removed afterwards.
    static func inTemporaryDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/kasparro-test-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
        defer { _ = removeTree(path) }
        try body(path)
    }

    private static func removeTree(_ path: String) -> Bool {
        let disk = PosixFileSystem()
        for name in (try? disk.list(path)) ?? [] where !removeTree(path + "/" + name) { return false }
        return Glibc.remove(path) == 0
    }

    @Test func aStoreIsThereAgainAfterAStop() throws {
        try Self.inTemporaryDirectory { path in
            let store = try Store(path: path + "/deep/er")
            #expect(try store.commit(Batch([TestRow(milliseconds: 5)])).inserted == 1)
            try store.close()
            let again = try Store(path: path + "/deep/er")
            #expect(again.openingNotes.isEmpty, "\(again.openingNotes)")
            #expect(try again.snapshot().lines() == [TestRow(milliseconds: 5).line])
            try again.close()
        }
    }

    @Test func aSecondProcessIsRefusedWithTheFirstOnesName() throws {
        try Self.inTemporaryDirectory { path in
            let store = try Store(path: path)
            let failure = #expect(throws: StoreError.self) { try Store(path: path) }
            #expect(failure?.kind == .locked)
            #expect(failure?.message.contains("pid \(getpid())") == true, "\(failure!)")
            try store.close()
        }
    }

    @Test func aForeignDirectoryIsRefusedAndLeftAlone() throws {
        try Self.inTemporaryDirectory { path in
            _ = try PosixFileSystem().open(path + "/holiday.jpg", .createNew)
            let failure = #expect(throws: StoreError.self) { try Store(path: path) }
            #expect(failure?.kind == .cannotCreate)
            #expect(failure?.message.contains("holiday.jpg") == true)
            #expect(try PosixFileSystem().list(path) == ["holiday.jpg"], "something was left behind in a foreign directory")
        }
    }

    @Test func inboxTokenAndDotfilesMayWaitInANewDirectory() throws {
        try Self.inTemporaryDirectory { path in
            for name in ["token", ".gitignore"] { _ = try PosixFileSystem().open(path + "/" + name, .createNew) }
            try PosixFileSystem().makeDirectory(path + "/inbox")
            try Store(path: path).close()
        }
    }

    @Test func aNewerFormatIsRefused() throws {
        try Self.inTemporaryDirectory { path in
            try Store(path: path).close()
            try PosixFileSystem().replace("FORMAT", in: path, with: Array("kasparro data directory, format 2\n".utf8))
            let failure = #expect(throws: StoreError.self) { try Store(path: path) }
            #expect(failure?.kind == .newerFormat)
        }
    }

    @Test func aDamagedOrMissingFormatIsRefusedWithTheWayOut() throws {
        try Self.inTemporaryDirectory { path in
            let store = try Store(path: path)
            _ = try store.commit(Batch([TestRow(milliseconds: 5)]))
            try store.close()
            func expectRefusal(_ kind: StoreError.Kind, _ what: String) {
                let written = #expect(throws: StoreError.self) { try Store(path: path) }
                let read = #expect(throws: StoreError.self) { try StoreStatus.state(path: path, fileSystem: PosixFileSystem()) }
                for failure in [written, read] {
                    #expect(failure?.kind == kind && failure?.message.contains("kasparro repair") == true, "\(what): \(String(describing: failure))")
                }
            }
            try PosixFileSystem().replace("FORMAT", in: path, with: [])
            expectRefusal(.corrupt, "empty")
            try PosixFileSystem().remove(path + "/FORMAT")
            expectRefusal(.corrupt, "missing")
            _ = try StoreRepair.run(path: path, fileSystem: PosixFileSystem(), apply: true, holder: "test")
            #expect(try Store(path: path).snapshot().lines().count == 1)
        }
    }

    @Test func aDamagedOrMissingManifestIsRefused() throws {
        try Self.inTemporaryDirectory { path in
            let store = try Store(path: path)
            _ = try store.commit(Batch([TestRow(milliseconds: 5)]))
            try store.close()
            var manifest = try PosixFileSystem().contents(path + "/MANIFEST.json")!
            manifest[20] ^= 1
            try PosixFileSystem().replace("MANIFEST.json", in: path, with: manifest)
            #expect(throws: StoreError.self) { try Store(path: path) }
            try PosixFileSystem().remove(path + "/MANIFEST.json")
            let failure = #expect(throws: StoreError.self) { try Store(path: path) }
            #expect(failure?.kind == .corrupt && failure?.message.contains("there is data") == true, "\(failure!)")
        }
    }

    @Test func unlistedLogFilesAreSetAsideAndStrangersLeftAlone() throws {
        try Self.inTemporaryDirectory { path in
            try Store(path: path).close()
            _ = try PosixFileSystem().open(path + "/wal/stray", .createNew)
            _ = try PosixFileSystem().open(path + "/notes.txt", .createNew)
            let store = try Store(path: path)
            #expect(store.openingNotes.count == 2, "\(store.openingNotes)")
            #expect(try PosixFileSystem().list(path + "/set-aside") == ["stray"])
            #expect(try PosixFileSystem().list(path).contains("notes.txt"))
            try store.close()
        }
    }

    @Test func manyThreadsReadWhileOneWrites() throws {
        try Self.inTemporaryDirectory { path in
            let store = try Store(path: path)
            let done = BlockingQueue<String?>()
            for _ in 0..<3 {
                try! startThread {
                    var failure: String?
                    var last = 0
                    while last < 3_000 {
                        let snapshot = store.snapshot()
                        guard let lines = try? snapshot.lines() else { failure = "a read failed"; break }
                        if lines.count != snapshot.counts.rows { failure = "\(lines.count) rows, \(snapshot.counts.rows) counted"; break }
                        if lines.count < last { failure = "rows vanished"; break }
                        last = lines.count
                    }
                    _ = done.push(failure)
                }
            }
            for batch in 0..<30 { _ = try store.commit(Batch((0..<100).map { TestRow(milliseconds: Int64(batch * 100 + $0)) })) }
            var answers: [String?] = []
            while answers.count < 3 { answers += done.popAll()! }
            #expect(answers.compactMap { $0 } == [])
            try store.close()
        }
    }
}
