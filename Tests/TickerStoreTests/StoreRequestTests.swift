import Foundation
import Testing

@testable import TickerStore

/// What a store is asked for through its door, on a real disk.
@Suite struct StoreRequestTests {
    @Test func whatIsDoneAlreadyIsASuccess() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("kasparro-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var options = StoreOptions(logFileBytes: 1 << 16)
        options.minimumFree = 0
        let store = try Store(path: directory + "/data", options: options)
        #expect(throws: Never.self, "an empty store") { _ = try store.compact() }
        _ = try store.commit(Batch([TestRow(milliseconds: 1)]))
        for name in ["first", "second"] {
            #expect(throws: Never.self, "the \(name) time") {
                _ = try store.compact()
                let report = try store.backup(to: directory + "/" + name, copy: false, extras: [])
                #expect(report.rows == 1)
            }
        }
        try store.close()
    }

    @Test func eachCopyHasAHistoryOfItsOwn() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("kasparro-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        func open(_ name: String) throws -> Store {
            var options = StoreOptions(logFileBytes: 1 << 16)
            options.minimumFree = 0
            return try Store(path: directory + "/" + name, options: options)
        }
        func history(_ name: String) throws -> UInt32? {
            let store = try open(name)
            _ = try store.commit(Batch([TestRow(milliseconds: 2)]))
            try store.seal()
            let history = store.history
            try store.close()
            return history
        }
        let store = try open("data")
        _ = try store.commit(Batch([TestRow(milliseconds: 1)]))
        for name in ["one", "two"] { _ = try store.backup(to: directory + "/" + name, copy: false, extras: []) }
        #expect(store.history == nil)
        try store.close()
        for name in ["three", "four"] {
            _ = try StoreRestore.run(from: directory + "/one", to: directory + "/" + name, fileSystem: PosixFileSystem())
        }
        let histories = try ["one", "two", "three", "four"].map(history)
        #expect(Set(histories).count == 4 && !histories.contains(nil), "\(histories)")
        #expect(try history("three") == histories[2], "kept by seals and restarts")
        #expect(try history("data") == nil)
    }

    /// The clock stands still, so the load never pauses.
    @Test func sealingWaitsForAPauseInALoadButNotUntilCommitsWouldHaveTo() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("kasparro-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var options = StoreOptions(logFileBytes: 1 << 18)
        options.minimumFree = 0
        options.monotonic = { 1_000 }
        let store = try Store(path: directory, options: options)
        var rows = 0
        func load() throws {
            _ = try store.commit(Batch((rows..<rows + 500).map { TestRow(milliseconds: Int64($0) * 1_000) }))
            rows += 500
        }
        while store.statistics.walFiles <= options.maximumClosedLogs * 3 / 4 - 1 { try load() }
        #expect(store.statistics.jobsDone == 0, "a log that is far from full was sealed while rows came")
        for _ in 0..<40 { try load() }
        #expect(store.statistics.walFiles <= options.maximumClosedLogs + 1 && store.statistics.jobsDone > 0)
        try store.seal()
        #expect(store.statistics.sealedRows == rows && store.snapshot().counts.rows == rows)
        try store.close()
    }
}
