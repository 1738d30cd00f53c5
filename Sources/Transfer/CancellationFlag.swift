import Synchronization

/// Tells a blocking fetch, from any thread, to end. A transfer notices within about 100 ms; a flag once raised stays raised.
package final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    package init() {}

    /// Ends the transfers that look at it, those that begin later too.
    package func cancel() {
        raised.store(true, ordering: .releasing)
    }

    package var isCancelled: Bool { raised.load(ordering: .acquiring) }
}
