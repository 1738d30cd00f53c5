import Glibc
import Testing

@testable import TickerStore

/// Where a copy may be made; on the real disk.
@Suite struct CopyPlaceTests {
    let disk = PosixFileSystem()

    /// A directory with a store in `var`, and a link to it.
    private func inStore(_ body: (_ parent: String) throws -> Void) throws {
        try DataDirectoryTests.inTemporaryDirectory { parent in
            let store = try Store(path: parent + "/var")
            _ = try store.commit(Batch([TestRow(milliseconds: 5)]))
            try store.close()
            try disk.replace("a.csv", in: parent + "/var/inbox", with: [1])
            #expect(symlink(parent + "/var/inbox", parent + "/link") == 0)
            try body(parent)
        }
    }

    @Test func aBackupIntoTheDataDirectoryIsRefusedWhateverItIsCalled() throws {
        try inStore { parent in
            for target in ["var", "var/inbox/b", "var/b", "var/segments/b", "var/wal/b", "link/b", "link/../inbox/b", "var/./inbox//b/"] {
                // Opened by one name, asked by another.
                let store = try Store(path: parent + "/../" + parent.split(separator: "/").last! + "/var")
                let failure = #expect(throws: StoreError.self, "\(target)") {
                    try store.backup(to: parent + "/" + target, copy: false, extras: ["inbox"])
                }
                #expect(failure?.kind == .cannotCreate && failure?.message.contains("kasparro backup /") == true, "\(target): \(failure!)")
                try store.close()
            }
            #expect(try disk.list(parent + "/var/inbox") == ["a.csv"])
        }
    }

    @Test func aTargetIsNotCopiedIntoItself() throws {
        try inStore { parent in
            var copier = FileCopier(fileSystem: disk, links: false)
            try copier.makeEmptyDirectory(parent + "/var/inbox/b")
            try copier.copyTree(parent + "/var/inbox", to: parent + "/var/inbox/b/inbox")
            #expect(try disk.list(parent + "/var/inbox/b/inbox") == ["a.csv"])
        }
    }

    @Test func aRestoreIntoItsOwnBackupIsRefused() throws {
        try inStore { parent in
            let failure = #expect(throws: StoreError.self) { try StoreRestore.run(from: parent + "/var", to: parent + "/link/new", fileSystem: disk) }
            #expect(failure?.kind == .cannotCreate && failure?.message.contains("lies in the backup") == true, "\(failure!)")
        }
    }

    @Test func backupRestoreAndVerifyCountTheSameBytes() throws {
        try inStore { parent in
            let store = try Store(path: parent + "/var")
            let backup = try store.backup(to: parent + "/b", copy: false, extras: [])
            try store.close()
            let verified = try StoreVerification.run(path: parent + "/b", fileSystem: disk, deep: true)
            #expect(backup.files == verified.files && backup.bytes == verified.bytes)
            let restored = try StoreRestore.run(from: parent + "/b", to: parent + "/new", fileSystem: disk)
            #expect(restored.files == verified.files && restored.bytes == verified.bytes)
        }
    }

    @Test func aMissingParentIsNamed() throws {
        try inStore { parent in
            let store = try Store(path: parent + "/var")
            let failure = #expect(throws: StoreError.self) { try store.backup(to: parent + "/bk/monday", copy: false, extras: []) }
            #expect(failure?.kind == .cannotCreate && failure?.message.contains("mkdir -p \(parent)/bk") == true, "\(failure!)")
            try store.close()
        }
    }

    @Test func onlyTheStoresOwnPlacesAreItsTerritory() throws {
        try inStore { parent in
            let own = ["var/wal/x", "var/segments/tickers/x.gz", "link/../state/x", "var/MANIFEST.json", "var/token"]
            let others = ["x", "var/x.ndjson", "var/inbox/x.csv", "link/x", "none/wal/x"]
            for (paths, expected) in [(own, true), (others, false)] {
                for path in paths {
                    let isOwn = try StoreTerritory.contains(parent + "/" + path, of: parent + "/var", disk)
                    #expect(isOwn == expected, "\(path)")
                }
            }
        }
    }
}
