import TestSupport
import Testing

@testable import TickerStore

@Suite struct BlockCacheTests {
    private func block(_ count: Int) -> DecodedBlock { DecodedBlock([UInt8](repeating: 0x61, count: count - 1) + [0x0A], lines: 1)! }

    @Test func itStaysWithinItsCapacity() throws {
        let cache = BlockCache(capacity: 100_000)
        var random = SplitMix64(seed: 9)
        for _ in 0..<3_000 {
            _ = try cache.block(segment: UInt64.random(in: 1...3, using: &random), number: Int.random(in: 0...40, using: &random)) {
                block(Int.random(in: 1...20_000, using: &random))
            }
            #expect(cache.bytes <= 100_000)
        }
        #expect(cache.bytes > 50_000)
    }

    @Test func aBlockInUseOutlivesOthers() throws {
        let cache = BlockCache(capacity: 100_000)
        var decoded = 0
        for number in 0..<200 {
            _ = try cache.block(segment: 1, number: 0) {
                decoded += 1
                return block(9_000)
            }
            _ = try cache.block(segment: 1, number: 1 + number) { block(9_000) }
        }
        #expect(decoded == 1)
    }

    /// What a walk does: the blocks of a group again and again, then those of the next one.
    @Test func aFullCacheKeepsWhatCameLast() throws {
        let cache = BlockCache(capacity: 100_000)
        var decoded = 0
        for group in 0..<20 {
            for _ in 0..<20 {
                for number in 0..<25 {
                    _ = try cache.block(segment: 1, number: 25 * group + number) {
                        decoded += 1
                        return block(1_000)
                    }
                }
            }
        }
        // Some go before their time, when the hand comes by; most do not.
        #expect(decoded < 2 * 20 * 25, "\(decoded)")
    }

    @Test func blocksOfASegmentThatIsGoneGoWithIt() throws {
        let cache = BlockCache(capacity: 100_000)
        for segment in 1...2 {
            for number in 0..<5 { _ = try cache.block(segment: UInt64(segment), number: number) { block(1_000) } }
        }
        let all = cache.bytes
        cache.forget(segment: 1, blocks: 5)
        #expect(cache.bytes == all / 2)
        var decoded = 0
        for number in 0..<5 {
            for segment in 1...2 {
                _ = try cache.block(segment: UInt64(segment), number: number) {
                    decoded += 1
                    return block(1_000)
                }
            }
        }
        #expect(decoded == 5, "those of the other segment were forgotten, too")
    }

    @Test func aMergedStoreKeepsNoBlockOfWhatItMerged() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        for part in 0..<3 {
            try engine.commit(SealTests.rows(part * 70..<part * 70 + 70))
            try engine.sealAll()
            _ = try engine.snapshot().lines()
        }
        let several = engine.tables.cache.bytes
        engine.wantCompaction()
        while try engine.runJob() {}
        #expect(several > 0 && engine.tables.slots.count == 1 && engine.tables.cache.bytes == 0, "\(engine.tables.cache.bytes) of \(several) bytes")
    }

    @Test func aBlockAsLargeAsTheCacheIsNotKept() throws {
        let cache = BlockCache(capacity: 10_000)
        _ = try cache.block(segment: 1, number: 0) { block(50_000) }
        #expect(cache.bytes == 0)
    }

    @Test func aFailureToDecodeIsPassedOnAndForgotten() throws {
        let cache = BlockCache()
        #expect(throws: StoreError.self) { try cache.block(segment: 1, number: 0) { () throws(StoreError) in throw StoreError(.corrupt, "x") } }
        #expect(try cache.block(segment: 1, number: 0) { block(10) }.bytes.count == 10)
    }

    @Test func bytesThatAreNotTheLinesMakeNoBlock() {
        #expect(DecodedBlock(Array("a\nb\n".utf8), lines: 2)?.starts == [0, 2, 4])
        #expect(DecodedBlock(Array("a\nb\n".utf8), lines: 1) == nil)
        #expect(DecodedBlock(Array("a\nb\n".utf8), lines: 3) == nil)
        #expect(DecodedBlock(Array("a\nb".utf8), lines: 2) == nil)
        #expect(DecodedBlock([], lines: 0) == nil)
    }
}
