import Synchronization
package import TickerStore

/// The rows that were committed last, for the readers of `/stream`.
///
/// The store's writer appends and goes on: it wakes readers and waits for none. There are no queues of readers' own: each has its place in one
/// bounded ring, and one that falls behind its end is told so and cut off, so memory does not grow with slow readers.
package final class CommitFeed: Sendable {
    /// Rows that are kept at least.
    private let rowsKept: Int
    /// While what is kept takes fewer bytes than this, more rows are.
    private let bytesKept: Int
    /// Readers at once.
    let mostReaders: Int

    /// What a reader at a place has before it.
    enum Next: Sendable {
        case rows(CommittedRows)
        /// It has seen everything up to this commit.
        case nothing(behind: UInt64)
        /// The place is before the oldest commit that is kept, or none of this store's.
        case lost(behind: UInt64)
        /// There will be no more.
        case ended
    }

    fileprivate struct State {
        /// Oldest first; those before `first` are gone.
        var ring: [CommittedRows] = []
        var first = 0
        var rows = 0
        var bytes = 0
        /// Everything behind this commit is in the ring.
        var floor: UInt64 = 0
        /// The newest commit with rows.
        var head: UInt64 = 0
        var history: UInt32?
        var isEnded = false
        var readers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextReader = 0
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - rowsKept: Rows that are kept at least (spec section 9).
    ///   - bytesKept: While what is kept takes fewer bytes than this, more rows are: a load must not overtake readers at once.
    ///   - mostReaders: Readers at once.
    package init(rowsKept: Int = 10_000, bytesKept: Int = 16 << 20, mostReaders: Int = 200) {
        self.rowsKept = rowsKept
        self.bytesKept = bytesKept
        self.mostReaders = mostReaders
    }

    /// Says where the store stands: what was committed before cannot be read here.
    ///
    /// - Parameters:
    ///   - sequence: The number of the last commit with rows: whoever has seen that one has missed nothing.
    ///   - history: What tells this store from others that were made of the same backup; nil: it never was one.
    package func begin(behind sequence: UInt64, history: UInt32? = nil) {
        state.withLock { state in
            state.history = history
            guard state.ring.isEmpty else { return }
            state.floor = max(state.floor, sequence)
            state.head = max(state.head, sequence)
        }
    }

    /// Takes the rows of a commit; to be called in the order of the commits.
    package func append(_ committed: CommittedRows) {
        let readers = state.withLock { state in
            state.ring.append(committed)
            state.rows += committed.count
            state.bytes += committed.cost
            state.head = committed.sequence
            state.trim(rowsKept: rowsKept, bytesKept: bytesKept)
            return Array(state.readers.values)
        }
        for reader in readers { reader.yield() }
    }

    /// Ends all readers, and those that come later: the process stops.
    package func end() {
        let readers = state.withLock { state in
            state.isEnded = true
            return Array(state.readers.values)
        }
        for reader in readers { reader.yield() }
    }

    /// The newest commit with rows.
    var head: UInt64 { state.withLock { $0.head } }

    /// Of the store; a part of each place in it.
    var history: UInt32? { state.withLock { $0.history } }

    var readerCount: Int { state.withLock { $0.readers.count } }

    /// Bytes of memory that the rows take that are kept.
    package var bytes: Int { state.withLock { $0.bytes } }

    /// What comes behind a place.
    func next(behind position: StreamPosition) -> Next {
        state.withLock { state in
            if state.isEnded, position.sequence >= state.head, position.rows == nil { return .ended }
            // A commit that was read in part is needed itself.
            let isLost = position.rows == nil ? position.sequence < state.floor : position.sequence <= state.floor
            if isLost || position.sequence > state.head { return .lost(behind: state.head) }
            let ring = state.ring[state.first...]
            var (low, high) = (ring.startIndex, ring.endIndex)
            while low < high {
                let middle = (low + high) / 2
                let isBehind = position.rows == nil ? ring[middle].sequence > position.sequence : ring[middle].sequence >= position.sequence
                if isBehind { high = middle } else { low = middle + 1 }
            }
            if low == ring.endIndex { return .nothing(behind: state.head) }
            // Only a commit's own rows can have been read in part.
            if let rows = position.rows, ring[low].sequence != position.sequence || rows > ring[low].count { return .lost(behind: state.head) }
            return .rows(ring[low])
        }
    }

    /// A reader, who is woken whenever there may be something new; nil when there are `mostReaders`.
    func makeReader() -> CommitReader? {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number: Int? = state.withLock { state in
            if state.readers.count >= mostReaders { return nil }
            state.nextReader += 1
            state.readers[state.nextReader] = continuation
            return state.nextReader
        }
        return number.map { CommitReader(number: $0, feed: self, signals: stream, continuation: continuation) }
    }

    fileprivate func remove(_ number: Int) { state.withLock { $0.readers[number] = nil } }
}

extension CommitFeed.State {
    /// Drops the oldest commits that need not be kept.
    fileprivate mutating func trim(rowsKept: Int, bytesKept: Int) {
        while first < ring.count, rows - ring[first].count >= rowsKept, bytes > bytesKept {
            rows -= ring[first].count
            bytes -= ring[first].cost
            floor = ring[first].sequence
            // The lines go now, their place with the next tidying.
            ring[first] = CommittedRows(sequence: floor, series: [], rowSeries: [], ends: [], lines: [])
            first += 1
        }
        if first > 64, first * 2 > ring.count {
            ring.removeFirst(first)
            first = 0
        }
    }
}

/// One reader of the feed; with the last reference its place among the readers is free again.
final class CommitReader: Sendable {
    /// An element whenever there may be something new; ends when the reader does.
    let signals: AsyncStream<Void>
    private let number: Int
    private let feed: CommitFeed
    private let continuation: AsyncStream<Void>.Continuation

    fileprivate init(number: Int, feed: CommitFeed, signals: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation) {
        self.number = number
        self.feed = feed
        self.signals = signals
        self.continuation = continuation
    }

    deinit {
        continuation.finish()
        feed.remove(number)
    }

    /// Has the reader look, though nothing may be new.
    func wake() { continuation.yield() }

    /// The client is gone.
    func finish() { continuation.finish() }
}
