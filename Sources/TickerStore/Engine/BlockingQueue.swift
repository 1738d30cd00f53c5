import Glibc

/// A bounded first-in, first-out queue between threads that may block.
///
/// POSIX mutex and condition variables: a Swift `Mutex` cannot be waited on, and continuations belong to the cooperative pool.
package final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    // All state is guarded by `mutex`.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var elements: [Element] = []
    private var isClosed = false
    private let capacity: Int
    /// Elements that were taken and still count.
    private var held = 0

    package init(capacity: Int = .max) {
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Waiting must not depend on somebody setting the clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Adds an element, waiting while the queue is full; false when the queue is closed.
    package func push(_ element: Element) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.count + held >= capacity && !isClosed { pthread_cond_wait(changed, mutex) }
        if isClosed { return false }
        elements.append(element)
        pthread_cond_broadcast(changed)
        return true
    }

    /// Adds an element at once, even to a full queue; false when the queue is closed.
    @discardableResult
    package func pushUrgent(_ element: Element) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isClosed { return false }
        elements.append(element)
        pthread_cond_broadcast(changed)
        return true
    }

    /// Adds the last element, even to a full queue; nothing gets in behind it. False when the queue is closed already.
    package func pushLast(_ element: Element) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isClosed { return false }
        elements.append(element)
        isClosed = true
        pthread_cond_broadcast(changed)
        return true
    }

    /// All waiting elements. Waits for one; empty after `milliseconds` without any, nil when the queue is closed and empty.
    ///
    /// - Parameter held: Elements taken earlier that shall still count against the capacity.
    package func popAll(waitingAtMost milliseconds: Int? = nil, holding held: Int = 0) -> [Element]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        self.held = held
        var deadline = timespec()
        if let milliseconds {
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + (milliseconds % 1_000) * 1_000_000
            deadline.tv_sec += milliseconds / 1_000 + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
        }
        while elements.isEmpty {
            if isClosed { return nil }
            if milliseconds == nil {
                pthread_cond_wait(changed, mutex)
            } else if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT, elements.isEmpty {
                return isClosed ? nil : []
            }
        }
        let all = elements
        elements.removeAll(keepingCapacity: true)
        pthread_cond_broadcast(changed)
        return all
    }

    /// No more elements come in; those inside can still be taken.
    package func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }
}
