/// What went wrong in the store, where, and what to do about it.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The kinds a caller tells apart; each maps to one exit code of the command line (spec section 11).
    package enum Kind: Sendable, Equatable {
        /// Another process holds the data directory.
        case locked
        /// The directory is not ours, or cannot be made into a data directory.
        case cannotCreate
        /// Bytes on disk that were once durable are damaged or missing.
        case corrupt
        /// A newer program wrote this directory.
        case newerFormat
        /// The file system refuses us.
        case permission
        /// The disk is full; the same commit works again when there is space.
        case noSpace
        /// Too little space is left on the disk; commits are taken again when there is more.
        case readOnly
        /// An fsync failed earlier: nothing is acknowledged any more in this process.
        case poisoned
        /// Any other failed system call.
        case inputOutput
        /// A batch beyond the limits of the format.
        case tooLarge
        /// The store has been closed.
        case closed
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// A failed system call, by what it means for the store.
    package init(_ error: FileError) {
        let kind: Kind = error.leavesDiskUncertain ? .poisoned : error.isOutOfSpace ? .noSpace : error.isPermission ? .permission : .inputOutput
        self.init(kind, error.description)
    }

    /// Damage at a place in a file.
    static func corrupt(_ path: String, offset: Int, _ what: String) -> StoreError {
        StoreError(.corrupt, "\(path): offset \(offset): \(what)")
    }

    package var description: String { message }
}

/// Runs a piece of file work and gives its failure the store's type.
@inline(__always)
func storing<T>(_ body: () throws(FileError) -> T) throws(StoreError) -> T {
    do {
        return try body()
    } catch {
        throw StoreError(error)
    }
}
