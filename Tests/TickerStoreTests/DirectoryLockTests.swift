import Glibc
import MarketData
import Testing

@testable import TickerStore

/// One process at a time, whatever becomes of names; on the real disk.
@Suite struct DirectoryLockTests {
    let disk = PosixFileSystem()

    static func engine(_ path: String) throws(StoreError) -> StoreEngine {
        try StoreEngine(path: path, fileSystem: PosixFileSystem(), options: .test())
    }

    @Test func aSecondProcessIsRefusedThoughSomebodyUnlinkedTheLockFile() throws {
        try DataDirectoryTests.inTemporaryDirectory { path in
            let first = try Self.engine(path)
            try disk.remove(path + "/LOCK")
            #expect(throws: StoreError.self, "two processes write to one log") { try Self.engine(path) }
            #expect(try DirectoryLock.holder(of: path, disk) == "another process")
            try first.commit([TestRow(milliseconds: 1)])
            #expect(try DirectoryLock.holder(of: path, disk) == "test", "the lock file was not made anew")
            try first.close()
            #expect(try Self.engine(path).snapshot().lines().count == 1)
        }
    }

    @Test func anOlderVersionThatCameInBesideALostLockFileEndsTheStore() throws {
        try DataDirectoryTests.inTemporaryDirectory { path in
            let first = try Self.engine(path)
            try disk.remove(path + "/LOCK")
            _ = try disk.open(path + "/LOCK", .openOrCreate).tryLock()
            let failure = #expect(throws: StoreError.self) { try first.commit([TestRow(milliseconds: 1)]) }
            #expect(failure?.kind == .poisoned && failure?.message.contains("another one may have written") == true, "\(failure!)")
            #expect(first.poisoned == failure?.message)
        }
    }

    @Test func aProgramThatHasLockedTheDirectoryItselfIsNoEarlierProcess() throws {
        try DataDirectoryTests.inTemporaryDirectory { path in
            try Self.engine(path).close()
            let directory = try disk.open(path, .read)
            #expect(try directory.tryLock())
            let failure = #expect(throws: StoreError.self) { try Self.engine(path) }
            #expect(failure?.kind == .locked && failure?.message.contains("flock") == true, "\(failure!)")
        }
    }

    @Test func aLockFileThatIsALinkIsRefused() throws {
        try DataDirectoryTests.inTemporaryDirectory { path in
            try Self.engine(path).close()
            try disk.remove(path + "/LOCK")
            #expect(symlink(path + "/FORMAT", path + "/LOCK") == 0)
            let failure = #expect(throws: StoreError.self) { try Self.engine(path) }
            #expect(failure?.kind == .cannotCreate && failure?.message.contains("symbolic link") == true, "\(failure!)")
        }
    }

    @Test func withoutLocksForDirectoriesALostLockFileEndsTheStore() throws {
        let disk = SimulatedFileSystem()
        disk.locksDirectories = false
        let engine = try StoreEngine(disk)
        #expect(throws: StoreError.self, "the lock file alone must do") { try StoreEngine(disk) }
        try engine.commit([TestRow(milliseconds: 1)])
        try disk.remove("data/LOCK")
        let failure = #expect(throws: StoreError.self) { try engine.commit([TestRow(milliseconds: 2)]) }
        #expect(failure?.kind == .poisoned)
    }

    @Test func aDirectoryInThePlaceOfOneThatWasMovedIsLeftAlone() throws {
        try DataDirectoryTests.inTemporaryDirectory { parent in
            let path = parent + "/var"
            let first = try Self.engine(path)
            try first.commit([TestRow(milliseconds: 1)])
            first.maintenance.isSealWanted = true
            let seal = try #require(first.nextJob(ignoresRetry: true))
            try disk.rename(path, to: parent + "/moved")
            let second = try Self.engine(path)
            try second.commit([TestRow(milliseconds: 7)])
            try second.sealAll()
            let before = try disk.contents(path + "/MANIFEST.json")
            #expect(throws: StoreError.self, "a seal into another store") { try seal.run() }
            let failure = #expect(throws: StoreError.self) { try first.commit([TestRow(milliseconds: 2)]) }
            #expect(failure?.kind == .poisoned && failure?.message.contains("put the directory back") == true, "\(failure!)")
            #expect(throws: StoreError.self) { try first.close() }
            #expect(try disk.contents(path + "/MANIFEST.json") == before && disk.status(path + "/CLEAN") == nil)
            #expect(try second.snapshot().lines() == [TestRow(milliseconds: 7).line])
            #expect(try StoreEngine.opened(parent + "/moved", after: first).snapshot().lines() == [TestRow(milliseconds: 1).line])
        }
    }
}

extension StoreEngine {
    /// The store in a directory that another engine has let go.
    fileprivate static func opened(_ path: String, after old: StoreEngine) throws(StoreError) -> StoreEngine {
        old.lock?.release()
        return try DirectoryLockTests.engine(path)
    }
}
