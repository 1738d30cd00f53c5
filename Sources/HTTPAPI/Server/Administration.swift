package import TickerStore

/// What the admin routes of the control socket do to the store; a protocol so that they are tested without a disk.
///
/// Every call blocks, possibly for hours: make them through `OwnThread`.
package protocol StoreAdministration: QuarantineAdministration {
    /// Merges segments and drops superseded rows.
    func compact() throws(StoreError) -> CompactionReport
    /// Writes a consistent copy. `extras`: further names below the data directory to copy.
    func backup(to path: String, copy: Bool, extras: [String]) throws(StoreError) -> BackupReport
    /// Returns when everything stored so far is in segments.
    func seal() throws(StoreError)
    /// Stores a batch; durable when it returns.
    func commit(_ batch: Batch) throws(StoreError) -> CommitCounts
}

extension Store: StoreAdministration {}

/// What the control socket has and the network has not.
package struct Administration: Sendable {
    package var store: any StoreAdministration
    /// As messages and `/admin/status` name it.
    package var dataDirectory: String
    package var processID: Int32
    package var lastBackup = LastBackup()

    /// - Parameters: see the properties of the same names.
    package init(store: any StoreAdministration, dataDirectory: String, processID: Int32) {
        self.store = store
        self.dataDirectory = dataDirectory
        self.processID = processID
    }
}
