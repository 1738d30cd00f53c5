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
}
