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
