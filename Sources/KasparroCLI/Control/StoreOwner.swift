import Glibc
import TickerStore

/// Who a store belongs to.
enum StoreOwner {
    /// Keeps root from writing into the store of another user, whose server could then not read what root made.
    ///
    /// - Throws: `.permission`.
    static func refuseRoot(_ dataDirectory: String) throws(StoreError) {
        var information = stat()
        guard geteuid() == 0, stat(dataDirectory + "/FORMAT", &information) == 0, information.st_uid != 0 else { return }
        throw StoreError(
            .permission,
            "\(dataDirectory) belongs to the user with the id \(information.st_uid), who could not use what root writes into it. "
                + "Type it as that user: sudo -u '#\(information.st_uid)' kasparro …"
        )
    }
}
