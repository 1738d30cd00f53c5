import Glibc
import Synchronization
import Testing

@testable import HTTPAPI

/// Holds threads up until it is opened.
private final class Gate: Sendable {
    private let isShut = Atomic(true)
    func pass() { while isShut.load(ordering: .acquiring) { sched_yield() } }
    func open() { isShut.store(false, ordering: .releasing) }
}

@Suite struct ReadingPoolTests {
    @Test func whatNobodyWaitsForIsNotBegun() async {
        let isDone = Atomic(false)
        await #expect(throws: CancellationError.self) {
            try await ReadingPool.run(isWanted: { false }) { isDone.store(true, ordering: .relaxed) }
        }
        let wasDone = isDone.load(ordering: .relaxed)
        #expect(!wasDone)
    }

    @Test func oneLaneDoesNotWaitBehindAnother() async throws {
        let gate = Gate()
        let long = ReadingLane(threads: 1, longest: 8)
        let pages = (0..<8).map { _ in Task { try await long.run { gate.pass() } } }
        #expect(try await ReadingLane(threads: 1, longest: 8).run { 7 } == 7)
        gate.open()
        for page in pages { try await page.value }
    }

    @Test func moreThanCanBeReadAreRefusedAtOnce() async throws {
        let gate = Gate()
        let lane = ReadingLane(threads: 2, longest: 10)
        let results = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<11 {
                group.addTask {
                    do { try await lane.run { gate.pass() } } catch {
                        gate.open()
                        return (error as? Problem)?.code
                    }
                    return nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.filter { $0 == "too_many_reads" }.count == 1 && results.count { $0 == nil } == 10)
    }
}
