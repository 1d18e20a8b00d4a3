package dpo.core.theory;

import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/** Second derivatives of a function, and their eigenvalues. */
public final class Hessian {

    /** Room of a difference: its error is of the order h⁴, and rounding of the order 1e-16 / h. */
    private static final double ROOM = 1e-3;

    private Hessian() {}

    /**
     * The matrix of second derivatives {@code [i][j]}, made symmetric: differences of the gradient at four points per
     * variable, with a relative error of about 1e-12 where the function varies on a scale of 1.
     */
    public static double[][] at(SmoothFunction function, double[] point) {
        int size = point.length;
        double[][] hessian = new double[size][size];
        for (int i = 0; i < size; i++) {
            double[] near = difference(function, point, i, ROOM);
            double[] far = difference(function, point, i, 2 * ROOM);
            for (int j = 0; j < size; j++) {
                double entry = (8 * near[j] - far[j]) / (12 * ROOM);
                hessian[i][j] += entry / 2;
                hessian[j][i] += entry / 2;
            }
        }
        return hessian;
    }

    /** The gradient above the point minus that below it. */
    private static double[] difference(SmoothFunction function, double[] point, int index, double room) {
        double[] above = point.clone();
        double[] below = point.clone();
        above[index] += room;
        below[index] -= room;
        double[] difference = function.at(above).gradient().clone();
        double[] subtracted = function.at(below).gradient();
        for (int j = 0; j < difference.length; j++) {
            difference[j] -= subtracted[j];
        }
        return difference;
    }

    /** The eigenvalues of a symmetric matrix, descending. */
    public static double[] eigenvalues(double[][] symmetric) {
        return decomposition(symmetric).getEigenvalues();
    }

    /** The eigenvector of the largest eigenvalue of a symmetric matrix, of length 1. */
    public static double[] firstEigenvector(double[][] symmetric) {
        return decomposition(symmetric).getEigenvector(0).toArray();
    }

    private static EigenDecompositionSymmetric decomposition(double[][] symmetric) {
        RealMatrix matrix = MatrixUtils.createRealMatrix(symmetric);
        return new EigenDecompositionSymmetric(matrix, 1e-14, true);
    }
}
