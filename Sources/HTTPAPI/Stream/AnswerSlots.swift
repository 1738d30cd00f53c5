import Synchronization

/// How many answers of one kind may go on at the same time: each holds memory, and a snapshot that keeps files from being removed.
package final class AnswerSlots: Sendable {
    /// The right to go on; given back when the last reference goes, however the answer ended.
    final class Slot: Sendable {
        private let slots: AnswerSlots

        fileprivate init(_ slots: AnswerSlots) { self.slots = slots }

        deinit { slots.taken.withLock { $0 -= 1 } }
    }

    let limit: Int
    private let taken = Mutex(0)

    package init(limit: Int) { self.limit = limit }

    /// Answers that go on.
    package var inUse: Int { taken.withLock { $0 } }

    /// nil: all are taken.
    func take() -> Slot? {
        let isFree = taken.withLock { taken in
            if taken == limit { return false }
            taken += 1
            return true
        }
        return isFree ? Slot(self) : nil
    }
}
