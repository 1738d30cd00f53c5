import Glibc

/// What a source's thread hands to the run's.
struct PageArrival: Sendable {
    enum Content: Sendable {
        /// A page of an `http` source; what is to be remembered before its last batch is stored, and behind it.
        case records(ParsedPage, start: PageCheckpoint, end: PageCheckpoint?, memo: PageMemo?)
        /// A `feed` source's document.
        case document(HTTPPage, memo: PageMemo)
        /// A page that is the same as before; its URL, secrets masked.
        case unchanged(RememberedPage, place: String)
        /// Nothing more comes. False: the walk did not get to its end; the reason has been reported.
        case end(isWhole: Bool)
    }

    var source: String
    var content: Content
}

/// Pages on their way from the threads that ask for them to the one that builds their rows, in the order of arrival; few of each source,
/// so that a fast server does not fill the memory.
final class PageQueue: @unchecked Sendable {
    /// Pages of one source that may wait.
    static let pagesWaiting = 2

    // All state is guarded by `mutex`.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var arrivals: [PageArrival] = []
    /// Sources whose end has not been taken yet.
    private var open: Set<String>
    private var refused: Set<String> = []

    /// - Parameter sources: the names of those that will push; each one's last arrival is `end`.
    init(sources: [String]) {
        open = Set(sources)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Adds an arrival, waiting while too many of its source wait; false when no more of the source is wanted. An end never waits.
    @discardableResult
    func push(_ arrival: PageArrival) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if case .end = arrival.content {
            arrivals.append(arrival)
            pthread_cond_broadcast(changed)
            return true
        }
        while arrivals.count(where: { $0.source == arrival.source }) >= Self.pagesWaiting, !refused.contains(arrival.source) {
            pthread_cond_wait(changed, mutex)
        }
        if refused.contains(arrival.source) { return false }
        arrivals.append(arrival)
        pthread_cond_broadcast(changed)
        return true
    }

    /// The next arrival; waits for it, unless `isWaiting` is false. nil when there is none, or all sources have ended.
    func next(isWaiting: Bool) -> PageArrival? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while arrivals.isEmpty {
            guard isWaiting, !open.isEmpty else { return nil }
            pthread_cond_wait(changed, mutex)
        }
        let arrival = arrivals.removeFirst()
        if case .end = arrival.content { open.remove(arrival.source) }
        pthread_cond_broadcast(changed)
        return arrival
    }

    /// Wants nothing more of a source but its end.
    func refuse(_ source: String) {
        pthread_mutex_lock(mutex)
        refused.insert(source)
        arrivals.removeAll { arrival in
            if case .end = arrival.content { return false }
            return arrival.source == source
        }
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }
}
