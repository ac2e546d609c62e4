-- sysbench's oltp_update_non_index, one update of one row a transaction, with the rows chosen by
-- Zipf's law, which Debian's sysbench does not know.
require("oltp_update_non_index")

sysbench.cmdline.options.zipf_exponent = {"How much the first rows are preferred, below 1", 0.99}

local n, theta, zeta, second, alpha, eta

-- After Gray et al., "Quickly generating billion-record synthetic databases" (SIGMOD 1994).
function prepare_statements()
   prepare_non_index_updates()
   n, theta = sysbench.opt.table_size, sysbench.opt.zipf_exponent
   zeta = 0
   for i = 1, n do zeta = zeta + 1 / i ^ theta end
   second, alpha = 1 + 0.5 ^ theta, 1 / (1 - theta)
   eta = (1 - (2 / n) ^ (1 - theta)) / (1 - second / zeta)
end

local function rank()
   local u = sysbench.rand.uniform_double()
   if u * zeta < 1 then return 0 end
   if u * zeta < second then return 1 end
   return math.floor(n * (eta * u - eta + 1) ^ alpha)
end

-- What sysbench's own scripts choose rows with. Those that are changed most lie all over the table.
function sysbench.rand.default()
   return 1 + rank() * 7919 % n
end
