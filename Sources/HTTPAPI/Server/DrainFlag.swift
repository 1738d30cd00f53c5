import Synchronization

/// Whether the process is shutting down: raised once, before connections are drained, so that `/readyz` tells load
/// balancers to go elsewhere while requests under way are still answered.
package final class DrainFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    /// Not raised.
    package init() {}

    /// From now on `/readyz` answers 503 and `POST /refresh` is refused.
    package func raise() { raised.store(true, ordering: .releasing) }

    /// Whether `raise()` was called.
    package var isRaised: Bool { raised.load(ordering: .acquiring) }
}
