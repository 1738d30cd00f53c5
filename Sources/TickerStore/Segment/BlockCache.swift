import Synchronization

/// Decoded blocks of all segments, shared by all readers.
///
/// Second chance (Corbató's clock): a hand goes around the blocks; one that was used since it last came by is spared once. Blocks of
/// a segment that is gone go with it: a store that is loaded every few seconds makes and merges many small ones.
final class BlockCache: Sendable {
    fileprivate struct Key: Hashable {
        var segment: UInt64
        var number: Int
    }

    fileprivate struct Slot {
        var key: Key
        var block: DecodedBlock
        var wasUsed: Bool
    }

    fileprivate struct State {
        var slots: [Slot] = []
        var places: [Key: Int] = [:]
        var hand = 0
        var bytes = 0
    }

    /// Bytes of memory the blocks may take.
    let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int = 64 << 20) {
        self.capacity = capacity
    }

    /// Bytes of memory the blocks take now.
    var bytes: Int { state.withLock { $0.bytes } }

    /// A block; `decode` is asked, outside of the lock, when the cache does not have it.
    func block(segment: UInt64, number: Int, decode: () throws(StoreError) -> DecodedBlock) throws(StoreError) -> DecodedBlock {
        let key = Key(segment: segment, number: number)
        if let found = state.withLock({ $0.find(key) }) { return found }
        let block = try decode()
        // A block that would drive out most others is not worth keeping.
        if block.cost <= capacity / 4 { state.withLock { $0.insert(key, block, capacity: capacity) } }
        return block
    }

    /// Drops the blocks of a segment that nobody reads any more; segment ids are never given twice.
    func forget(segment: UInt64, blocks: Int) {
        state.withLock { state in
            for number in 0..<blocks {
                if let place = state.places[BlockCache.Key(segment: segment, number: number)] { state.remove(at: place) }
            }
        }
    }
}

extension BlockCache.State {
    fileprivate mutating func find(_ key: BlockCache.Key) -> DecodedBlock? {
        guard let place = places[key] else { return nil }
        slots[place].wasUsed = true
        return slots[place].block
    }

    fileprivate mutating func insert(_ key: BlockCache.Key, _ block: DecodedBlock, capacity: Int) {
        // Another reader may have decoded it in the meantime.
        guard places[key] == nil else { return }
        while bytes + block.cost > capacity { evict() }
        places[key] = slots.count
        slots.append(BlockCache.Slot(key: key, block: block, wasUsed: false))
        bytes += block.cost
    }

    /// Drops the first block from the hand on that was not used since the hand last passed it.
    private mutating func evict() {
        while true {
            if hand >= slots.count { hand = 0 }
            if !slots[hand].wasUsed { break }
            slots[hand].wasUsed = false
            hand += 1
        }
        remove(at: hand)
        // At the end the next block will be where the hand stands: left there, it would take every new block before it is used again.
        hand = hand < slots.count ? hand + 1 : 0
    }

    /// The last one fills the gap; order among the blocks means little.
    fileprivate mutating func remove(at place: Int) {
        bytes -= slots[place].block.cost
        places[slots[place].key] = nil
        let last = slots.removeLast()
        guard place < slots.count else { return }
        slots[place] = last
        places[last.key] = place
    }
}
