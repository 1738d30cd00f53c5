import Synchronization

/// A point of a run at which something is made to go wrong, for demonstrations and tests only (spec section 6): `KASPARRO_FAULT`.
package struct FaultPoint: Sendable, Equatable, CustomStringConvertible {
    /// What goes wrong, and when.
    package enum Kind: String, Sendable, CaseIterable {
        /// The process kills itself when the batch before is durable and half the rows of this one are built.
        case crashAtBatch = "crash@batch"
        /// The process kills itself when the batch is written to the log and not yet synced.
        case crashAtCommit = "crash@commit"
        /// Building the batch fails.
        case errorAtBatch = "error@batch"
        /// There is a pause before the batch.
        case slowAtBatch = "slow@batch"
    }

    /// What may be written, for messages.
    package static let forms = "crash@batch:N, crash@commit:N, error@batch:N or slow@batch:N, N being a batch's number from 1"

    package let kind: Kind
    /// The batch's number in its run; from 1.
    package let batch: Int

    /// nil when the text is none of the forms.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let batch = Int(parts[1]), batch > 0
        else { return nil }
        self.kind = kind
        self.batch = batch
    }

    package var description: String { "\(kind.rawValue):\(batch)" }

    /// What it does to a batch that is being built.
    enum Effect: Sendable {
        case crash, failure, pause
    }

    /// What is due now, if anything.
    ///
    /// - Parameters:
    ///   - number: the batch's.
    ///   - built: records that have gone into it.
    ///   - rows: records that it will have when it is full.
    ///   - isComplete: nothing more goes into it.
    func effect(onBatch number: Int, built: Int, of rows: Int, isComplete: Bool) -> Effect? {
        guard number == batch else { return nil }
        let isHalfBuilt = isComplete || built > 0 && built >= rows / 2
        return switch kind {
        case .crashAtBatch: isHalfBuilt ? .crash : nil
        case .errorAtBatch: isHalfBuilt ? .failure : nil
        case .slowAtBatch: .pause
        case .crashAtCommit: nil
        }
    }
}

/// The fault that a process was told to have; it strikes once in the process's life, so that the next run shows how things go on.
package final class FaultSwitch: Sendable {
    /// How long `slow@batch` pauses, in milliseconds.
    static let pauseMilliseconds: Int64 = 10_000

    package let point: FaultPoint
    private let isArmed = Atomic<Bool>(true)

    package init(_ point: FaultPoint) { self.point = point }

    /// As ``FaultPoint/effect(onBatch:built:of:isComplete:)``, the first time.
    func strike(batch number: Int, built: Int, of rows: Int, isComplete: Bool) -> FaultPoint.Effect? {
        guard let effect = point.effect(onBatch: number, built: built, of: rows, isComplete: isComplete),
            isArmed.exchange(false, ordering: .relaxed)
        else { return nil }
        return effect
    }

    /// Called with the numbers of the batches that are written and not yet synced; does not return when the fault is there.
    package func batchesAreWritten(_ numbers: some Sequence<Int>) {
        if point.kind == .crashAtCommit, numbers.contains(point.batch) { killProcess() }
    }
}
